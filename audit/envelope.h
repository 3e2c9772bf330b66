#pragma once
#include <array>
#include <memory>
#include <vector>

#include "audit/pieces.h"
#include "audit/verifier.h"
#include "base/digest.h"
#include "base/ids.h"
#include "base/secret.h"
#include "pki/certificate.h"

/// A file that only auditor UKEYs can open, written and read as a stream (docs/AUDIT_FORMAT.md 12).
namespace audit {

inline constexpr std::array<std::uint8_t, 9> kEnvelopeMagic{'K', 'M', 'P', 'S', 'E', 'A', 'L', 'D', 1};  ///< the last byte is the version
inline constexpr std::size_t kMaxRecipients = 16;
inline constexpr std::size_t kMaxWrappedKey = 1024;   ///< one RSA block
inline constexpr std::size_t kContentKey = 32;
inline constexpr std::size_t kEnvelopeChunk = 65536;  ///< of plaintext; only the last one may be shorter
/// What stands before the content key in what is encrypted to a recipient: a UKEY opens nothing else.
inline constexpr std::string_view kContentKeyPrefix{"kmp/v1/export\0", 14};

/// A UKEY that can open the file.
struct Recipient {
    base::UkeySerial ukey;
    base::Digest key{};    ///< SHA-256 of its transport key, DER SubjectPublicKeyInfo: it outlives a renewal
    base::Bytes wrapped;   ///< the content key, encrypted to it
};

class ChunkCipher;
class EnvelopeReader;

/// Seals what it is given, under a key of its own. A file that was not finished does not open as a whole one.
class EnvelopeWriter {
public:
    /// Writes the head. in: the transport certificates of 1 to 16 auditor UKEYs; whether they are in force is the caller's to know
    /// errors: invalid_argument (how many, or twice the same), refused (not an auditor's transport certificate), those of the sink
    static base::Result<EnvelopeWriter> begin(const std::vector<pki::Certificate>& recipients, ChunkSink sink);
    EnvelopeWriter(EnvelopeWriter&&) noexcept;
    ~EnvelopeWriter();

    /// errors: those of the sink; nothing may follow one
    base::Status add(base::ByteView bytes);
    /// Writes the last chunk. Call it once, and nothing after it.
    base::Status finish();
    /// Opens what was written, without a UKEY: to see that it was written right.
    base::Result<EnvelopeReader> read_back(ByteSource source) const;

private:
    EnvelopeWriter(base::Bytes head, base::Secret key, ChunkSink sink);
    base::Status seal(bool last);

    Pieces pieces_;
    base::Secret key_;
    std::unique_ptr<ChunkCipher> cipher_;
    base::Bytes plain_;
};

/// Opens such a file: head(), open() with the key, then read() until it gives nothing. What it gives is as it was sealed, but that nothing
/// is missing at the end is certain only when read() has answered 0. Flat memory.
/// errors of all: malformed (which bytes were changed, moved or cut off), those of the source
class EnvelopeReader {
public:
    explicit EnvelopeReader(ByteSource source);
    EnvelopeReader(EnvelopeReader&&) noexcept;
    ~EnvelopeReader();

    base::Result<std::vector<Recipient>> head();
    /// `key`: the content key, kContentKey bytes.
    void open(const base::Secret& key);
    base::Result<std::size_t> read(std::span<std::uint8_t> out);

private:
    base::Status fill(std::size_t count);
    base::Status next_chunk();

    ByteSource source_;
    std::unique_ptr<ChunkCipher> cipher_;
    base::Bytes head_;
    base::Bytes buffer_;         ///< sealed, one byte more than a chunk: whether another follows
    std::size_t filled_ = 0;
    bool source_ended_ = false;
    base::Bytes plain_;
    std::size_t given_ = 0;      ///< of plain_
    std::uint64_t place_ = 0;    ///< in the file, of the next chunk
    bool last_seen_ = false;
};

/// Gets the content key out of what was encrypted to one of these UKEYs. It is asked once a file.
using KeyOpener = std::function<base::Result<base::Secret>(const std::vector<Recipient>&)>;

/// Reads a sealed file as what is in it, and any other as it stands. `opener` is asked for sealed files only.
ByteSource opened(ByteSource source, KeyOpener opener);

}  // namespace audit
