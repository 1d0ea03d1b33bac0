// GET /clients/{client_id}/infos, with the AWS SDK for JavaScript. `npm run build` bundles it into dist/index.js.

import { DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";

const client = new DynamoDBClient({});
const table = process.env.PARC_TABLE;

/** Answers one event of API Gateway. */
export async function handler(event) {
  const { client_id } = event.pathParameters;
  const { Items, ConsumedCapacity } = await client.send(query(client_id));
  const [head, ...sites] = Items;
  const [statusCode, body] = head
    ? [200, infos(client_id, head, sites)]
    : [404, { detail: "Client introuvable" }];
  console.log(JSON.stringify({ message: "answered", status: statusCode, capacity: ConsumedCapacity.CapacityUnits }));
  return {
    statusCode,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    isBase64Encoded: false,
  };
}

/** Returns the query of a client and its active sites, in order of creation. */
function query(client_id) {
  return new QueryCommand({
    TableName: table,
    ConsistentRead: true,
    KeyConditionExpression: "#PK = :pk AND #SK BETWEEN :first AND :last",
    FilterExpression: "#status = :actif OR attribute_not_exists(#site_id)",
    ExpressionAttributeNames: { "#PK": "PK", "#SK": "SK", "#status": "status", "#site_id": "site_id" },
    ExpressionAttributeValues: {
      ":pk": { S: `CLIENT#${client_id}` },
      ":first": { S: "CLIENT" },
      ":last": { S: "SITE$" },
      ":actif": { S: "actif" },
    },
    ReturnConsumedCapacity: "TOTAL",
  });
}

/** Makes the response from the client's item and those of its sites. */
function infos(client_id, head, sites) {
  return {
    client_id,
    nom: head.nom.S,
    code: Number(head.code.N),
    timestamp: head.created.S,
    sites: sites.map(({ site_id, nom, equipements }) => ({
      site_id: site_id.S,
      nom: nom.S,
      equipements: Math.max(Number(equipements.N), 0),
    })),
  };
}
