"""A local cloud for Azure Logic Apps (Consumption): ARM, Table storage, connectors, alerts and an inbox."""
