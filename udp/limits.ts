/** Defaults and bounds of the udp module: every queue and every wait is finite. @module */

/**
 * Datagrams that wait for a reader: four times what the kernel's own buffer holds of small ones.
 * At 64 KiB each it is 64 MiB.
 */
export const MAX_QUEUED = 1024;

/**
 * Bytes that wait to be sent, their cost included: what a fast network takes in 0.1 s. Who sends
 * without waiting has lost his way beyond that.
 */
export const MAX_UNSENT_BYTES = 16 * 1024 * 1024;

/** What a waiting datagram costs beside its bytes; empty ones would be free otherwise. */
export const SEND_COST = 256;

/** Destinations whose address is remembered: as many peers as a busy client talks to in turn. */
export const MAX_NAMES = 256;

/** Time in ms that the address of a name is remembered: no longer than many DNS records live. */
export const NAME_LIFETIME = 30_000;

/** Bytes of the largest datagram over IPv4: 65,535 without the headers of IP (20) and UDP (8). */
export const MAX_IPV4_PAYLOAD = 65_507;

/** Bytes of the largest datagram over IPv6, whose length field does not count its own header. */
export const MAX_IPV6_PAYLOAD = 65_527;

/** Time in ms that `close()` waits for the system to take what was sent before. */
export const FLUSH_TIMEOUT = 1_000;
