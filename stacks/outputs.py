"""What a stack tells its people: pure functions that make the texts of the stack's outputs."""

from __future__ import annotations

from urllib.parse import urlsplit

# The clouds whose connection strings Partner Center's own pattern accepts: public, US government, China, Germany.
AZURE_SUFFIXES = ("core.windows.net", "core.usgovcloudapi.net", "core.chinacloudapi.cn", "core.cloudapi.de")
PORTAL = "https://portal.azure.com"


def endpoint_suffix(account: str, table_endpoint: str) -> str | None:
    """The `EndpointSuffix` of an account on Azure, None for any other endpoint (an emulator, a custom domain)."""
    address = urlsplit(table_endpoint)
    suffixes = {f"{account}.table.{suffix}": suffix for suffix in AZURE_SUFFIXES}
    return suffixes.get(address.netloc) if address.scheme == "https" else None


def connection_string(account: str, key: str, table_endpoint: str) -> str:
    """The connection string of a storage account, as Partner Center wants it.

    On Azure exactly `DefaultEndpointsProtocol=https;AccountName=…;AccountKey=…;EndpointSuffix=core.windows.net`; where
    the table endpoint is not Azure's, a `TableEndpoint` takes the suffix's place. `key` makes the result a secret.
    """
    suffix = endpoint_suffix(account, table_endpoint)
    place = f"EndpointSuffix={suffix}" if suffix else f"TableEndpoint={table_endpoint}"
    protocol = urlsplit(table_endpoint).scheme
    return f"DefaultEndpointsProtocol={protocol};AccountName={account};AccountKey={key};{place}"


def portal_url(resource_id: str) -> str:
    """The page of a resource in the Azure portal."""
    return f"{PORTAL}/#resource{resource_id}"


def local_page(inbox: str) -> str:
    """Where to look instead of the portal on the local cloud, which has none."""
    inbox_page = f"; its inbox is at {inbox}" if inbox else ""
    return f"none: the local cloud has no portal{inbox_page}"


def next_steps(stack: str, account: str, table_endpoint: str) -> str:
    """What to do in Partner Center. An emulator's string is refused: Microsoft could never reach it."""
    if endpoint_suffix(account, table_endpoint) is None:
        return (
            f"Not for Partner Center: stack '{stack}' is not on Azure, and Microsoft cannot reach {table_endpoint}.\n"
            "Deploy a stack on Azure and take its connection string (docs/azure.md)."
        )
    return _PARTNER_CENTER.format(stack=stack)


def authorization(connection_url: str) -> str:
    """How a person consents to the mail connection, whose page in the portal is `connection_url`."""
    return (
        f"Once, before the first mail: open {connection_url}/edit, choose Authorize, sign in with the work or school"
        " account that is to send the mails, and save. Later deployments keep the consent; one that has lapsed is"
        " renewed in the same way, or by scripts/renew_consent.py."
    )


def protection(stack: str, protected: bool, table_exists: bool = False) -> str:
    """What happens to the leads when the stack is destroyed, and the way out of a protected one.

    `table_exists`: account and table were there before the stack.
    """
    if table_exists:
        return (_ADOPTED + (_ADOPTED_PROTECTED if protected else "")).format(stack=stack)
    if not protected:
        return f"none: `pulumi destroy --stack {stack}` deletes the table with all leads that this stack has made."
    return _PROTECTED.format(stack=stack)


_PROTECTED = """\
The resource group, the account, the table and the consented connection are protected: `pulumi destroy` is refused.
To leave without losing leads (docs/environments.md, Leaving): export them, let Partner Center deliver elsewhere,
publish the offers again, and only then
  pulumi config set protected false --stack {stack} && pulumi up --stack {stack}
  pulumi destroy --stack {stack}"""
_ADOPTED = "Account and table were there before this stack: no destroy touches them or the leads in them."
_ADOPTED_PROTECTED = """
The resource group and the consented connection are protected: `pulumi destroy` is refused. The way out:
  pulumi config set protected false --stack {stack} && pulumi up --stack {stack}
  pulumi destroy --stack {stack}"""
_PARTNER_CENTER = """\
1. Show the connection string (it is a secret: whoever has it can read all leads):
     pulumi stack output connectionString --show-secrets --stack {stack}
2. In Partner Center open the offer, Offer setup, Customer leads, Connect (or Edit); choose the lead destination Azure
   Table and paste the string.
3. Validate: Microsoft writes a test lead (MSFT_TEST_...) into the table.
4. Connect, then Save draft.
5. Publish the offer again: a new destination counts only from then on. Publishing sends another test lead."""
