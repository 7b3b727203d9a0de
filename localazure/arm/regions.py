"""The regions of the Azure public cloud, their display names, and the partner that a geo-redundant account copies to.

Source: Microsoft's page "List of Azure regions". Regions without a pair have none here.
"""

from __future__ import annotations

_REGIONS = """
australiacentral|Australia Central|australiacentral2
australiacentral2|Australia Central 2|australiacentral
australiaeast|Australia East|australiasoutheast
australiasoutheast|Australia Southeast|australiaeast
austriaeast|Austria East|
belgiumcentral|Belgium Central|
brazilsouth|Brazil South|southcentralus
brazilsoutheast|Brazil Southeast|brazilsouth
canadacentral|Canada Central|canadaeast
canadaeast|Canada East|canadacentral
centralindia|Central India|southindia
centralus|Central US|eastus2
chilecentral|Chile Central|
eastasia|East Asia|southeastasia
eastus|East US|westus
eastus2|East US 2|centralus
francecentral|France Central|francesouth
francesouth|France South|francecentral
germanynorth|Germany North|germanywestcentral
germanywestcentral|Germany West Central|germanynorth
indonesiacentral|Indonesia Central|
israelcentral|Israel Central|
italynorth|Italy North|
japaneast|Japan East|japanwest
japanwest|Japan West|japaneast
jioindiacentral|Jio India Central|jioindiawest
jioindiawest|Jio India West|jioindiacentral
koreacentral|Korea Central|koreasouth
koreasouth|Korea South|koreacentral
malaysiawest|Malaysia West|
mexicocentral|Mexico Central|
newzealandnorth|New Zealand North|
northcentralus|North Central US|southcentralus
northeurope|North Europe|westeurope
norwayeast|Norway East|norwaywest
norwaywest|Norway West|norwayeast
polandcentral|Poland Central|
qatarcentral|Qatar Central|
southafricanorth|South Africa North|southafricawest
southafricawest|South Africa West|southafricanorth
southcentralus|South Central US|northcentralus
southeastasia|Southeast Asia|eastasia
southindia|South India|centralindia
spaincentral|Spain Central|
swedencentral|Sweden Central|swedensouth
swedensouth|Sweden South|swedencentral
switzerlandnorth|Switzerland North|switzerlandwest
switzerlandwest|Switzerland West|switzerlandnorth
uaecentral|UAE Central|uaenorth
uaenorth|UAE North|uaecentral
uksouth|UK South|ukwest
ukwest|UK West|uksouth
westcentralus|West Central US|westus2
westeurope|West Europe|northeurope
westindia|West India|southindia
westus|West US|eastus
westus2|West US 2|westcentralus
westus3|West US 3|eastus
"""

_ROWS = [line.split("|") for line in _REGIONS.strip().splitlines()]
REGIONS: dict[str, str] = {name: display for name, display, _ in _ROWS}
PAIRED: dict[str, str] = {name: pair for name, _, pair in _ROWS if pair}


def normalize(location: str) -> str:
    """`West US 2` and `westus2` are the same region; Azure keeps the second form."""
    return location.replace(" ", "").lower()
