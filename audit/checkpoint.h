#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "audit/merkle.h"
#include "audit/note.h"
#include "base/bytes.h"

namespace audit {

/// What the log says of itself (C2SP tlog-checkpoint): whose it is, how long, and the root of its tree.
struct Checkpoint {
    std::string origin;      ///< also the name of the signing key; no white space and no '+'
    std::uint64_t size = 0;
    Digest root{};

    /// Three lines, each ended by a newline: the bytes that are signed.
    std::string body() const;
    /// malformed: anything that body() would not have written; extension lines are refused.
    static base::Result<Checkpoint> parse_body(std::string_view body);
    bool operator==(const Checkpoint&) const = default;
};

/// Who signs checkpoints: the platform UKEY. The service fills it.
class CheckpointSigner {
public:
    virtual ~CheckpointSigner() = default;
    /// Signs Checkpoint::body(). out: Ed25519: 64 bytes; ECDSA P-256 with SHA-256: DER or r || s (64 bytes).
    virtual base::Result<base::Bytes> sign(base::ByteView body) = 0;
    /// DER SubjectPublicKeyInfo of the key that signs.
    virtual base::Result<base::Bytes> public_key() = 0;
};

/// A C2SP signed note over the checkpoint. key_invalid: the signature does not hold with the signer's public key.
base::Result<std::string> sign_checkpoint(const Checkpoint& checkpoint, CheckpointSigner& signer);

/// ok: the note is well formed and carries a signature of this key that holds. Signatures of other keys (witnesses) are
/// allowed and ignored; one that names this key and does not hold is not.
/// errors: malformed, key_invalid (no such signature, or it does not hold), unsupported (the kind of key)
base::Result<Checkpoint> verify_checkpoint(std::string_view note, base::ByteView spki);
/// Reads a note without judging its signatures.
base::Result<Checkpoint> read_checkpoint(std::string_view note);
/// The note in a file that somebody kept, also as a scanner reads its QR code. Whose signature it bears is not looked at.
/// errors: of the file; malformed: it holds no checkpoint
base::Result<std::string> kept_checkpoint(const std::string& path);

/// The 4-byte key id of C2SP signed-note: Ed25519 is type 1; ECDSA P-256 is type 2.
base::Result<std::uint32_t> key_id(std::string_view name, base::ByteView spki);

/// The key as C2SP signed-note writes it, for whoever verifies: name "+" key id in hex "+" base64 of its type and its bytes. errors as key_id's
base::Result<std::string> verifier_key(std::string_view name, base::ByteView spki);
/// The same for a key that signs as `type` says: a witness's as SignatureType::cosignature.
base::Result<std::string> verifier_key_as(SignatureType type, std::string_view name, base::ByteView spki);
struct VerifierKey {
    std::string name;
    base::Bytes spki;  ///< DER SubjectPublicKeyInfo
    SignatureType type = SignatureType::ed25519;
};
/// malformed; unsupported (another type of key)
base::Result<VerifierKey> parse_verifier_key(std::string_view text);
/// The same as with one key, by whichever of these signed the note: a log whose platform UKEY was replaced has had several. Its name is the origin.
/// errors: malformed; key_invalid (none of them signed it, or one did and it does not hold)
base::Result<Checkpoint> verify_checkpoint(std::string_view note, std::span<const VerifierKey> keys);

inline constexpr std::size_t kMaxNoteBytes = 16384;

}  // namespace audit
