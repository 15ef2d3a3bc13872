/** This product's own version; a test compares it with the package's. */
export const productVersion = '0.1.0';

/**
 * The Patroni version that we are compatible with. Published as `version` in the member key and in status documents:
 * peers and scripts parse it as dotted integers and switch features by it (spec/dcs.md 4.3).
 */
export const compatibilityVersion = '4.1.4';

/** How a member says that it is one of ours (`agent` in its value), and what the REST API calls its server. */
export const agentIdentity = `matriarch/${productVersion}`;
