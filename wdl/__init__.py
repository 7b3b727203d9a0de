"""The Workflow Definition Language of Azure Logic Apps (Consumption): pure functions of values, no I/O, no clock."""
