/**
 * What the library asks of a runtime's TLS: sessions over streams that are connected already. A
 * session is a byte stream itself, once its handshake and the verification are done.
 *
 * @module
 */

import type { Cancellation } from "../_core/cancellation.ts";
import type { NetError } from "../_core/errors.ts";
import type { ByteStream } from "../_io/stream.ts";

/** The versions of TLS that are still in use (RFC 8996 ended the others). */
export type TlsVersion = "TLSv1.2" | "TLSv1.3";

/** What a peer's certificate says. */
export interface PeerCertificate {
  /** Parts of the subject's name, such as `CN`. */
  readonly subject: Readonly<Record<string, string>>;
  /** Parts of the issuer's name. */
  readonly issuer: Readonly<Record<string, string>>;
  /** The names that it is for: host names and IP addresses. */
  readonly names: readonly string[];
  /** When its validity begins. */
  readonly validFrom: Date;
  /** When its validity ends. */
  readonly validTo: Date;
  /** Its serial number, in hexadecimal digits. */
  readonly serialNumber: string;
  /** The SHA-256 of the certificate: pairs of hexadecimal digits with colons. */
  readonly fingerprint256: string;
  /** The certificate itself, in DER. */
  readonly raw: Uint8Array;
}

/** What was agreed in a handshake. */
export interface SessionInfo {
  /** The application protocol (RFC 7301), or null when none was agreed. */
  readonly alpnProtocol: string | null;
  /** The version of TLS, where the engine tells. */
  readonly protocol: string | undefined;
  /** The cipher suite by its name in the standard, where the engine tells. */
  readonly cipher: string | undefined;
  /** The name that the client asked for, at the server. */
  readonly servername: string | undefined;
  /** Whether the peer's certificate was verified. */
  readonly authorized: boolean;
  /** Why not, if it has not been. */
  readonly authorizationError: NetError | undefined;
  /** The peer's certificate, if it gave one and the engine tells. */
  readonly peerCertificate: PeerCertificate | undefined;
}

/** The stream of a session. */
export interface SecureStream extends ByteStream {
  /** What was agreed. */
  readonly session: SessionInfo;
  /**
   * Whether the peer ended with the closing message (close_notify) that tells an end from a cut;
   * undefined before its end, and where the engine does not tell.
   */
  readonly closedCleanly: boolean | undefined;
}

/** A certificate with those that lead to its authority, and its private key; in PEM. */
export interface KeyPair {
  /** The private key. */
  readonly key: string;
  /** The certificate, and after it those between it and its authority. */
  readonly cert: string;
}

/** What both sides of a session may set. */
export interface SessionSettings {
  /** Authorities to trust, one PEM certificate each; undefined for those of the system. */
  readonly ca: readonly string[] | undefined;
  /** Application protocols, the preferred first. */
  readonly alpnProtocols: readonly string[];
  /** The oldest version. */
  readonly minVersion: TlsVersion | undefined;
  /** The newest version. */
  readonly maxVersion: TlsVersion | undefined;
  /** Whether a peer whose certificate is not verified is refused. */
  readonly rejectUnauthorized: boolean;
  /** Whether an end without the closing message is a failure. */
  readonly strictClose: boolean;
}

/** How a client opens a session. */
export interface ClientSettings extends SessionSettings {
  /** The name or IP address that the certificate has to be for; a name is sent too (SNI). */
  readonly host: string;
  /** The client's own certificate. */
  readonly identity: KeyPair | undefined;
  /** SHA-256 sums of certificates one of which the peer's has to have. */
  readonly pins: readonly Uint8Array[];
  /** Whether version, cipher and certificate have to be told. */
  readonly details: boolean;
}

/** Finds the certificate for a name. */
export type ChooseKeyPair = (name: string) => KeyPair | undefined | Promise<KeyPair | undefined>;

/** How a server opens sessions. */
export interface ServerSettings extends SessionSettings {
  /** The certificate for clients that ask for no name, or for one that has none of its own. */
  readonly identity: KeyPair | undefined;
  /** Finds the certificate for a name; undefined for the one above. */
  readonly choose: ChooseKeyPair | undefined;
  /** Whether clients are asked for a certificate. */
  readonly requestCert: boolean;
}

/** Who is told what comes of a handshake: one of the two, once. */
export interface HandshakeResult {
  /** It is done, and the peer verified as far as it has to be. */
  opened(stream: SecureStream): void;
  /** It failed, or was called off. */
  failed(error: unknown): void;
}

/** Opens sessions on the server's side. */
export interface TlsAcceptor {
  /** Does the handshake over a stream, after bytes of it that were read before. */
  accept(
    stream: ByteStream,
    early: Uint8Array,
    stop: Cancellation,
    result: HandshakeResult,
  ): void;
  /** Changes the certificate for sessions to come. Throws `ERR_TLS_INVALID_KEY`. */
  setIdentity(identity: KeyPair): void;
}

/** The TLS of one runtime. */
export interface TlsEngine {
  /** Makes what opens sessions for a server. Throws `ERR_TLS_INVALID_KEY`, `ERR_TLS_INVALID_CA`. */
  createAcceptor(settings: ServerSettings): TlsAcceptor;
  /** Checks what only a parser of certificates can: throws as above. */
  checkClient(settings: ClientSettings): void;
  /** Does the handshake of a client over a stream, after bytes of it that were read before. */
  connect(
    stream: ByteStream,
    early: Uint8Array,
    settings: ClientSettings,
    stop: Cancellation,
  ): Promise<SecureStream>;
}
