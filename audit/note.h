#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

/// C2SP signed-note, as checkpoints and cosignatures use it.
namespace audit {

enum class SignatureType : std::uint8_t { ed25519 = 1, ecdsa = 2, cosignature = 4 };

struct NoteSignature {
    std::string_view name;
    std::uint32_t id = 0;
    base::Bytes value;

    /// As a note has it, ended by a newline.
    std::string line() const;
};
struct Note {
    std::string_view body;  ///< with its last newline
    std::vector<NoteSignature> signatures;
};

/// Refers to `note`. malformed
base::Result<Note> parse_note(std::string_view note);
/// One signature line or more, and nothing else. Refers to `lines`. malformed
base::Result<std::vector<NoteSignature>> parse_signature_lines(std::string_view lines);

/// ok for 1 to 128 characters of printable ASCII without space and '+'. malformed
base::Status check_origin(std::string_view origin);

/// The 4-byte id of a key. unsupported: the key is not of that type
base::Result<std::uint32_t> key_id_as(SignatureType type, std::string_view name, base::ByteView spki);
/// Whether the key signed these bytes (Ed25519, or ECDSA P-256 with SHA-256 in DER).
bool signature_holds(base::ByteView spki, std::string_view message, base::ByteView signature);

/// A note as a scanner, an editor or a mail program may have left it: lines ended by CR LF, blanks and newlines behind its end, a byte order mark
/// before it. What is signed is bytes, so nothing else is mended.
std::string mended_note(std::string_view text);

}  // namespace audit
