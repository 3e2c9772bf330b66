#pragma once

/// Object identifiers of our certificates (docs/PKI.md), under an arc of our own made from a UUID (ITU-T X.667, 2.25).
namespace model {
inline constexpr const char* kOidArc = "2.25.257309413882034711650418872301554927316";
/// Certificate policy: the kind of UKEY, kOidArc.1.<number of UkeyKind>.
inline constexpr const char* kOidKindPolicy = "2.25.257309413882034711650418872301554927316.1";
/// Extended key usages, kOidArc.2.<n>: what a certified key is for.
inline constexpr const char* kOidIdentity = "2.25.257309413882034711650418872301554927316.2.1";
inline constexpr const char* kOidTransport = "2.25.257309413882034711650418872301554927316.2.2";
inline constexpr const char* kOidCheckpoint = "2.25.257309413882034711650418872301554927316.2.3";
inline constexpr const char* kOidSigning = "2.25.257309413882034711650418872301554927316.2.4";
}  // namespace model
