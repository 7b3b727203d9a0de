"""A stand-in for the azure-native provider: translates resource tokens into ARM calls.

Everything it does is what azure-native 3.29.0 does, and it refuses or drops what that refuses or drops. Known
differences, beside the types it serves (`declarations.RESOURCES`):

- Retries and polls come a hundred times faster, unless ARM says `Retry-After` (`arm_client.Timing`).
- `Cancel` ends what runs for the calling engine and leaves the provider usable: it outlives the commands.
- Each connection of an engine has the configuration of its own (`sessions`); settings that choose another cloud or way
  to sign in (`environment`, `metadataHost`, `useOidc`, ...) are ignored, for it knows the local cloud only.
- A namespace that is not registered is not registered by itself (409 MissingSubscriptionRegistration), and a role
  assignment of another tenant is read without that tenant's id: the local cloud has neither case.
- The list of changed properties in a diff is sorted and without repetitions.
- `GetSchema` holds the served types only, without descriptions and enumerations.
"""
