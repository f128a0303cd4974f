/** Defaults of the tls module: every wait is finite. @module */

/** Time in ms for a handshake: many round trips on a slow link, and no shelter for a silent peer. */
export const HANDSHAKE_TIMEOUT = 10_000;

/** Time in ms to connect, names, addresses and handshake included; that of the tcp module. */
export const CONNECT_TIMEOUT = 30_000;

/** Bytes of all protocol names of ALPN with their lengths: the extension holds no more (RFC 7301). */
export const ALPN_BYTES = 65_535;

/** Days that a certificate for development is good for: less than the 398 that browsers take. */
export const CERTIFICATE_DAYS = 365;

/** Days that an authority for development is good for. */
export const AUTHORITY_DAYS = 3650;
