// Versions as the wire shows them. Clients and tools decide by `redis_version` what they may use, so it
// is the version of Redis whose behaviour this server has; its own version has a field of its own.

export const REDIS_VERSION = '7.2.4';
/** The version in package.json; a test holds the two together. */
export const UNDERSTUDY_VERSION = '0.1.0';
