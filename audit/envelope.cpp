#include "audit/envelope.h"

#include <openssl/evp.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "pki/encryption.h"

namespace audit {
namespace {

using base::Code;

constexpr std::size_t kTag = 16;
constexpr std::size_t kSealedChunk = kEnvelopeChunk + kTag;

base::Error malformed(std::string what) { return {Code::malformed, std::move(what)}; }

base::Secret with_prefix(const base::Secret& key) {
    base::Secret out(kContentKeyPrefix.size() + key.size());
    out.fill([&](std::span<std::uint8_t> o) {
        const auto at = std::copy(kContentKeyPrefix.begin(), kContentKeyPrefix.end(), o.begin());
        key.reveal([&](base::ByteView k) { std::copy(k.begin(), k.end(), at); });
    });
    return out;
}

}  // namespace

/// AES-256-GCM (NIST SP 800-38D) over the chunks of one file: the nonce is the chunk's number, whether it is the last stands in the
/// associated data, and the file's head before it for the first.
class ChunkCipher {
public:
    ChunkCipher(base::Bytes head, const base::Secret& key) : head_(std::move(head)), context_(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free) {
        if (!context_ || key.size() != kContentKey || !key.reveal([&](base::ByteView k) { return EVP_CipherInit_ex(context_.get(), EVP_aes_256_gcm(), nullptr, k.data(), nullptr, -1) == 1; }))
            throw std::runtime_error("AES-256-GCM with a key of 32 bytes");
    }
    /// The chunk's ciphertext and tag into `out`.
    void seal(base::ByteView plain, bool last, base::Bytes& out) {
        out.resize(plain.size() + kTag);
        if (!run(plain, last, true, out.data()) || EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_GCM_GET_TAG, static_cast<int>(kTag), out.data() + plain.size()) != 1)
            throw std::runtime_error("AES-256-GCM failed");
        ++number_;
    }
    /// False: it is not the next chunk of this file, or not one that is (or is not) the last.
    bool open(base::ByteView sealed, bool last, base::Bytes& out) {
        out.resize(sealed.size() - kTag);
        base::Bytes tag = base::to_bytes(sealed.last(kTag));
        if (!run(sealed.first(out.size()), last, false, out.data(), &tag)) {
            base::wipe(out);
            out.clear();
            return false;
        }
        ++number_;
        return true;
    }

private:
    bool run(base::ByteView in, bool last, bool sealing, std::uint8_t* out, base::Bytes* tag = nullptr) {
        std::array<std::uint8_t, 12> nonce{};
        for (std::size_t i = 0; i < 8; ++i) nonce[4 + i] = static_cast<std::uint8_t>(number_ >> (56 - 8 * i));
        const std::uint8_t flag = last ? 1 : 0;
        std::uint8_t none = 0;
        int size = 0;
        EVP_CIPHER_CTX* c = context_.get();
        return EVP_CipherInit_ex(c, nullptr, nullptr, nullptr, nonce.data(), sealing ? 1 : 0) == 1 &&
               (number_ > 0 || EVP_CipherUpdate(c, nullptr, &size, head_.data(), static_cast<int>(head_.size())) == 1) && EVP_CipherUpdate(c, nullptr, &size, &flag, 1) == 1 &&
               (in.empty() || EVP_CipherUpdate(c, out, &size, in.data(), static_cast<int>(in.size())) == 1) &&
               (tag == nullptr || EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, static_cast<int>(kTag), tag->data()) == 1) && EVP_CipherFinal_ex(c, &none, &size) == 1;
    }

    base::Bytes head_;
    std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context_;
    std::uint64_t number_ = 0;
};

// ---- writing --------------------------------------------------------------------------------------------------------

EnvelopeWriter::EnvelopeWriter(base::Bytes head, base::Secret key, ChunkSink sink) : pieces_(std::move(sink)), key_(std::move(key)), cipher_(std::make_unique<ChunkCipher>(std::move(head), key_)) {
    plain_.reserve(kEnvelopeChunk);
}
EnvelopeWriter::EnvelopeWriter(EnvelopeWriter&&) noexcept = default;
EnvelopeWriter::~EnvelopeWriter() = default;

base::Result<EnvelopeWriter> EnvelopeWriter::begin(const std::vector<pki::Certificate>& recipients, ChunkSink sink) {
    if (recipients.empty() || recipients.size() > kMaxRecipients) return {Code::invalid_argument, "a file is sealed to 1 to 16 auditor UKEYs"};
    base::Secret key = base::Secret::random(kContentKey);
    const base::Secret wrapped = with_prefix(key);
    base::ByteWriter head;
    head.bytes(kEnvelopeMagic);
    head.u8(static_cast<std::uint8_t>(recipients.size()));
    for (auto to = recipients.begin(); to != recipients.end(); ++to) {
        KMP_CHECK(pki::check_purpose(*to, model::UkeyKind::auditor, pki::Profile::transport));
        const std::string& serial = to->subject().ukey.text();
        if (std::any_of(recipients.begin(), to, [&](const pki::Certificate& c) { return c.subject().ukey.text() == serial; }))
            return {Code::invalid_argument, "UKEY " + serial + " is named twice"};
        KMP_TRY(const base::Bytes block, pki::encrypt_to(to->spki(), wrapped));
        head.u8(static_cast<std::uint8_t>(serial.size()));
        head.text(serial);
        head.bytes(base::sha256(to->spki()));
        head.sized16(block);
    }
    EnvelopeWriter out(head.view(), std::move(key), std::move(sink));
    KMP_CHECK(out.pieces_.add(head.view()));
    return out;
}

base::Status EnvelopeWriter::seal(bool last) {
    base::Bytes sealed;
    cipher_->seal(plain_, last, sealed);
    plain_.clear();
    return pieces_.add(sealed);
}

base::Status EnvelopeWriter::add(base::ByteView bytes) {
    while (!bytes.empty()) {
        // A full chunk waits until there is more: only then is it known not to be the last.
        if (plain_.size() == kEnvelopeChunk) KMP_CHECK(seal(false));
        const std::size_t n = std::min(bytes.size(), kEnvelopeChunk - plain_.size());
        plain_.insert(plain_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(n));
        bytes = bytes.subspan(n);
    }
    return {};
}

base::Status EnvelopeWriter::finish() {
    KMP_CHECK(seal(true));
    return pieces_.flush();
}

base::Result<EnvelopeReader> EnvelopeWriter::read_back(ByteSource source) const {
    EnvelopeReader out(std::move(source));
    KMP_CHECK(out.head());
    out.open(key_);
    return out;
}

// ---- reading --------------------------------------------------------------------------------------------------------

EnvelopeReader::EnvelopeReader(ByteSource source) : source_(std::move(source)), buffer_(kSealedChunk + 1) {}
EnvelopeReader::EnvelopeReader(EnvelopeReader&&) noexcept = default;
EnvelopeReader::~EnvelopeReader() = default;

base::Status EnvelopeReader::fill(std::size_t count) {
    while (filled_ < count && !source_ended_) {
        KMP_TRY(const std::size_t n, source_(std::span(buffer_).subspan(filled_, count - filled_)));
        if (n > count - filled_) return {Code::internal, "a source gave more bytes than were asked"};
        source_ended_ = n == 0;
        filled_ += n;
    }
    return {};
}

base::Result<std::vector<Recipient>> EnvelopeReader::head() {
    const auto take = [&](std::size_t count) -> base::Result<base::ByteView> {
        KMP_CHECK(fill(count));
        if (filled_ < count) return malformed("the sealed file was cut off in its head");
        head_.insert(head_.end(), buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(count));
        filled_ = 0;
        return base::ByteView(head_).last(count);
    };
    KMP_TRY(const base::ByteView magic, take(kEnvelopeMagic.size()));
    if (!std::equal(magic.begin(), magic.end(), kEnvelopeMagic.begin())) return malformed("not a sealed file of version 1");
    KMP_TRY(const base::ByteView count, take(1));
    const std::size_t recipients = count.front();
    if (recipients == 0 || recipients > kMaxRecipients) return malformed("a file is sealed to 1 to 16 auditor UKEYs");
    std::vector<Recipient> out;
    for (std::size_t i = 0; i < recipients; ++i) {
        Recipient one;
        KMP_TRY(const base::ByteView length, take(1));
        KMP_TRY(const base::ByteView serial, take(length.front()));
        auto ukey = base::UkeySerial::parse(base::as_text(serial));
        if (!ukey) return malformed("the head of the sealed file: " + ukey.error().message);
        one.ukey = std::move(*ukey);
        KMP_TRY(const base::ByteView key, take(one.key.size()));
        std::copy(key.begin(), key.end(), one.key.begin());
        KMP_TRY(const base::ByteView size, take(2));
        const std::size_t wrapped = static_cast<std::size_t>(size[0]) << 8 | size[1];
        if (wrapped == 0 || wrapped > kMaxWrappedKey) return malformed("the head of the sealed file: a key of " + std::to_string(wrapped) + " bytes");
        KMP_TRY(const base::ByteView block, take(wrapped));
        one.wrapped = base::to_bytes(block);
        out.push_back(std::move(one));
    }
    place_ = head_.size();
    return out;
}

void EnvelopeReader::open(const base::Secret& key) { cipher_ = std::make_unique<ChunkCipher>(head_, key); }

base::Status EnvelopeReader::next_chunk() {
    KMP_CHECK(fill(buffer_.size()));
    const std::size_t size = std::min(filled_, kSealedChunk);
    const bool last = filled_ <= kSealedChunk;
    // An empty chunk is the whole of a file of nothing, and stands nowhere else.
    if (size < kTag || (size == kTag && place_ != head_.size())) return malformed("the sealed file was cut off at byte " + std::to_string(place_ + size));
    const base::ByteView sealed = base::ByteView(buffer_).first(size);
    given_ = 0;
    if (!cipher_->open(sealed, last, plain_)) {
        // As the other kind of chunk it may hold: then only the end of the file is not where it was.
        base::Bytes other;
        if (cipher_->open(sealed, !last, other)) {
            base::wipe(other);
            return malformed(last ? "the sealed file was cut off at byte " + std::to_string(place_ + size) : "there are bytes behind the end of the sealed file, from byte " + std::to_string(place_ + size) + " on");
        }
        return malformed("bytes " + std::to_string(place_) + " to " + std::to_string(place_ + size - 1) + " of the sealed file are not what was sealed there" +
                         (place_ == head_.size() ? ", or its head is not" : last ? ", or its end was cut off" : "") + "; get the file again");
    }
    place_ += size;
    last_seen_ = last;
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(size), buffer_.begin() + static_cast<std::ptrdiff_t>(filled_), buffer_.begin());
    filled_ -= size;
    return {};
}

base::Result<std::size_t> EnvelopeReader::read(std::span<std::uint8_t> out) {
    if (!cipher_) return {Code::internal, "a sealed file is read before it was opened"};
    if (given_ == plain_.size() && !last_seen_) KMP_CHECK(next_chunk());
    const std::size_t n = std::min(out.size(), plain_.size() - given_);
    std::copy_n(plain_.begin() + static_cast<std::ptrdiff_t>(given_), n, out.begin());
    given_ += n;
    return n;
}

ByteSource opened(ByteSource source, KeyOpener opener) {
    struct State {
        ByteSource source;
        KeyOpener opener;
        base::Bytes begin;   ///< what was read to see what it is, and not handed on yet
        std::size_t given = 0;
        bool looked = false;
        std::optional<EnvelopeReader> reader;
    };
    // Shared, because a std::function is copied.
    auto s = std::make_shared<State>();
    s->source = std::move(source);
    s->opener = std::move(opener);
    const auto rest = [](State& state, std::span<std::uint8_t> out) -> base::Result<std::size_t> {
        if (state.given == state.begin.size()) return state.source(out);
        const std::size_t n = std::min(out.size(), state.begin.size() - state.given);
        std::copy_n(state.begin.begin() + static_cast<std::ptrdiff_t>(state.given), n, out.begin());
        state.given += n;
        return n;
    };
    return [s, rest](std::span<std::uint8_t> out) -> base::Result<std::size_t> {
        if (!s->looked) {
            s->looked = true;
            s->begin.resize(kEnvelopeMagic.size() - 1);
            std::size_t have = 0;
            for (std::size_t n = 1; n > 0 && have < s->begin.size(); have += n) {
                KMP_TRY(n, s->source(std::span(s->begin).subspan(have)));
            }
            s->begin.resize(have);
            if (have == kEnvelopeMagic.size() - 1 && std::equal(s->begin.begin(), s->begin.end(), kEnvelopeMagic.begin())) {
                s->reader.emplace([raw = s.get(), rest](std::span<std::uint8_t> o) { return rest(*raw, o); });
                KMP_TRY(const std::vector<Recipient> recipients, s->reader->head());
                KMP_TRY(const base::Secret key, s->opener(recipients));
                s->reader->open(key);
            }
        }
        return s->reader ? s->reader->read(out) : rest(*s, out);
    };
}

}  // namespace audit
