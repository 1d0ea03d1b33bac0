"""GET /clients/{client_id}/infos as a Lambda function, with FastAPI, Mangum and boto3."""

import json
import os
from uuid import UUID

import boto3
from fastapi import FastAPI, HTTPException
from mangum import Mangum

from models import ClientInfos, SiteSummary

TABLE = os.environ["PARC_TABLE"]

dynamodb = boto3.client("dynamodb")
app = FastAPI()


@app.get("/clients/{client_id}/infos")
def get_one_client(client_id: UUID) -> ClientInfos:
    """Returns a client with its active sites."""
    page = dynamodb.query(
        TableName=TABLE,
        ConsistentRead=True,
        KeyConditionExpression="#PK = :pk AND #SK BETWEEN :first AND :last",
        FilterExpression="#status = :actif OR attribute_not_exists(#site_id)",
        ExpressionAttributeNames={"#PK": "PK", "#SK": "SK", "#status": "status", "#site_id": "site_id"},
        ExpressionAttributeValues={
            ":pk": {"S": f"CLIENT#{client_id}"},
            ":first": {"S": "CLIENT"},
            ":last": {"S": "SITE$"},
            ":actif": {"S": "actif"},
        },
        ReturnConsumedCapacity="TOTAL",
    )
    print(json.dumps({"message": "answered", "capacity": page["ConsumedCapacity"]["CapacityUnits"]}))
    if not page["Items"]:
        raise HTTPException(404, "Client introuvable")
    head, *sites = page["Items"]
    return ClientInfos(
        client_id=client_id,
        nom=head["nom"]["S"],
        code=int(head["code"]["N"]),
        timestamp=head["created"]["S"],
        sites=[summary(site) for site in sites],
    )


def summary(site: dict) -> SiteSummary:
    """Makes the summary of a site from its item."""
    return SiteSummary(
        site_id=UUID(site["site_id"]["S"]),
        nom=site["nom"]["S"],
        equipements=max(int(site["equipements"]["N"]), 0),
    )


handler = Mangum(app, lifespan="off")
