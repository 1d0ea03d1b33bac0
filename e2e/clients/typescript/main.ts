// Calls every endpoint with the client that openapi-generator makes for TypeScript: main.js URL

import assert from "node:assert/strict";

import {
  ClientsApi,
  Configuration,
  EquipementsApi,
  HTTPErrorFromJSON,
  HTTPValidationErrorFromJSON,
  LotApi,
  OperationDeLotKindEnum as Kind,
  OperationDeLotOpEnum as Op,
  ResponseError,
  SitesApi,
} from "./parc_client/index.js";

/** Returns the response that refuses a call. */
async function refusal(call: Promise<unknown>): Promise<Response> {
  try {
    await call;
  } catch (error) {
    if (error instanceof ResponseError) return error.response;
    throw error;
  }
  throw new Error("not refused");
}

async function clients(api: ClientsApi): Promise<string> {
  const clientRegister = { nom: "Crêperie", code: Number.MAX_SAFE_INTEGER };
  const first = { clientRegister, idempotencyKey: "one" };
  const client = await api.registerNewClientClientsRegisterPost(first);
  assert.deepEqual([client.nom, client.code, client.status], ["Crêperie", Number.MAX_SAFE_INTEGER, "actif"]);
  assert.ok(client.timestamp instanceof Date);
  assert.deepEqual(await api.registerNewClientClientsRegisterPost(first), client);
  const taken = await refusal(api.registerNewClientClientsRegisterPost({ clientRegister }));
  assert.equal(taken.status, 409);
  const detail = `Le code ${Number.MAX_SAFE_INTEGER} est déjà attribué`;
  assert.equal(HTTPErrorFromJSON(await taken.json()).detail, detail);

  const { clientId } = client;
  const infos = await api.getOneClientClientsClientIdInfosGetRaw({ clientId, limit: 50 });
  const ifMatch = infos.raw.headers.get("ETag") ?? undefined;
  const clientUpdate = { clientId, nom: "Crêperie du Port", code: 12 };
  const updated = await api.updateClientClientsUpdatePutRaw({ clientUpdate, ifMatch });
  assert.equal((await updated.value()).code, 12);
  const stale = await refusal(api.updateClientClientsUpdatePut({ clientUpdate, ifMatch }));
  assert.deepEqual([stale.status, stale.headers.get("ETag")], [412, updated.raw.headers.get("ETag")]);
  const [newest, oldest] = await api.getClientHistoryClientsClientIdHistoriqueGet({ clientId });
  assert.deepEqual([newest?.version, newest?.operation], [2, "modification"]);
  assert.deepEqual([newest?.avant?.nom, newest?.apres.nom], ["Crêperie", "Crêperie du Port"]);
  assert.deepEqual([oldest?.avant, oldest?.par], [null, null]);

  assert.equal(await api.deactivateClientClientsClientIdDelete({ clientId }), true);
  const inactive = await api.getAllClientClientsAllGet({ status: "inactif" });
  assert.deepEqual(inactive.map((each) => each.clientId), [clientId]);
  assert.equal((await api.reactivateClientClientsClientIdReactivatePost({ clientId })).status, "actif");
  assert.equal((await refusal(api.getOneClientClientsClientIdInfosGet({ clientId: "x" }))).status, 404);
  const wrong = await refusal(api.getAllClientClientsAllGet({ cursor: "x" }));
  assert.deepEqual(HTTPValidationErrorFromJSON(await wrong.json()).detail[0]?.loc, ["query", "cursor"]);
  return clientId;
}

async function sites(api: SitesApi, clientId: string): Promise<string> {
  const { siteId } = await api.registerNewSiteSitesRegisterPost({ siteRegister: { clientId, nom: "Cuisine" } });
  const updated = await api.updateSiteSitesUpdatePut({ siteUpdate: { siteId, nom: "Terrasse" } });
  assert.equal(updated.nom, "Terrasse");
  const infos = await api.getOneSiteSitesSiteIdInfosGet({ siteId, limit: 50 });
  assert.deepEqual([infos.nom, infos.equipements], ["Terrasse", []]);
  assert.equal((await api.getSiteHistorySitesSiteIdHistoriqueGet({ siteId })).length, 2);
  assert.equal(await api.deactivateSiteSitesSiteIdDelete({ siteId }), true);
  assert.deepEqual(await api.reactivateSiteSitesSiteIdReactivatePost({ siteId }), updated);
  assert.deepEqual(await api.getAllSiteSitesAllGet({ clientId, nom: "terr" }), [updated]);
  return siteId;
}

async function equipements(api: EquipementsApi, siteId: string): Promise<void> {
  const equipementRegister = { siteId, nom: "Bilig", type: "plaque" };
  const { equipementId, type } = await api.registerNewEquipementEquipementsRegisterPost({ equipementRegister });
  assert.equal(type, "plaque");
  const equipementUpdate = { equipementId, siteId, nom: "Bilig", numeroSerie: "B-12" };
  const updated = await api.updateEquipementEquipementsUpdatePut({ equipementUpdate });
  assert.deepEqual([updated.type, updated.numeroSerie], [null, "B-12"]);
  assert.deepEqual(await api.getOneEquipementEquipementsEquipementIdInfosGet({ equipementId }), updated);
  const history = await api.getEquipementHistoryEquipementsEquipementIdHistoriqueGet({ equipementId });
  assert.equal(history.length, 2);
  assert.equal(await api.deactivateEquipementEquipementsEquipementIdDelete({ equipementId }), true);
  assert.deepEqual(await api.reactivateEquipementEquipementsEquipementIdReactivatePost({ equipementId }), updated);
  assert.deepEqual(await api.getAllEquipementEquipementsAllGet({ siteId }), [updated]);
}

/** Registers a client, a site and an équipement in one request, after a dry run. */
async function batch(api: LotApi): Promise<void> {
  const operations = [
    { op: Op.Register, kind: Kind.Client, ref: "c", body: { nom: "Fournil", code: 77 } },
    { op: Op.Register, kind: Kind.Site, ref: "s", body: { client_id: "$c", nom: "Gare" } },
    { op: Op.Register, kind: Kind.Equipement, body: { site_id: "$s", nom: "Four" } },
  ];
  const trial = await api.runBatchLotPost({ lotRequest: { operations }, dryRun: true });
  assert.deepEqual(trial.resultats.map((result) => result.status), [200, 200, 200]);
  assert.equal(trial.resultats[0]?.body.client_id, null);
  const first = { lotRequest: { operations }, idempotencyKey: "lot" };
  const lot = await api.runBatchLotPost(first);
  assert.deepEqual(lot.bilan, { ok: 3, refus: 0, restant: 0 });
  assert.equal(lot.resultats[1]?.body.client_id, lot.resultats[0]?.body.client_id);
  const again = await api.runBatchLotPostRaw(first);
  assert.equal(again.raw.headers.get("Idempotency-Replayed"), "true");
  assert.deepEqual(await again.value(), lot);
}

const configuration = new Configuration({ basePath: process.argv[2] });
const clientId = await clients(new ClientsApi(configuration));
const siteId = await sites(new SitesApi(configuration), clientId);
await equipements(new EquipementsApi(configuration), siteId);
await batch(new LotApi(configuration));
