// Sealed files: what is written opens again, and only as it was written. Files are also put together here by hand, with OpenSSL alone, from the document.
#include <gtest/gtest.h>

#include "base/fd.h"
#include "tests/audit/sealed_file.h"

namespace {

using base::Bytes;
using base::Code;

constexpr std::size_t kChunk = 65536;
constexpr std::size_t kTag = 16;

TestPki& house() {
    static TestPki pki;
    return pki;
}
const TestAuditor& anna() {
    static const TestAuditor auditor(house(), "A1");
    return auditor;
}
const TestAuditor& bela() {
    static const TestAuditor auditor(house(), "A2");
    return auditor;
}

Bytes pattern(std::size_t size) {
    Bytes out(size);
    for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(i * 7 + (i >> 8) * 13);
    return out;
}

base::Result<Bytes> open_with(const TestAuditor& auditor, const Bytes& file, std::size_t piece = 4096) {
    return read_all(audit::opened(source_of(file, piece), auditor.opener()), piece);
}

/// The head of a file for one recipient has this many bytes, with a serial of two characters.
constexpr std::size_t kHead = 9 + 1 + 1 + 2 + 32 + 2 + 256;

/// AES-256-GCM as the document says, done here: the chunk with its tag.
Bytes sealed_chunk(const Bytes& key, std::uint64_t number, bool last, const Bytes& head, base::ByteView plain) {
    std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> c(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
    base::ByteWriter nonce;
    nonce.u32(0);
    nonce.u64(number);
    Bytes aad = number == 0 ? head : Bytes();
    aad.push_back(last ? 1 : 0);
    Bytes out(plain.size() + kTag);
    int n = 0;
    EVP_EncryptInit_ex(c.get(), EVP_aes_256_gcm(), nullptr, key.data(), nonce.view().data());
    EVP_EncryptUpdate(c.get(), nullptr, &n, aad.data(), static_cast<int>(aad.size()));
    if (!plain.empty()) EVP_EncryptUpdate(c.get(), out.data(), &n, plain.data(), static_cast<int>(plain.size()));
    EVP_EncryptFinal_ex(c.get(), out.data(), &n);
    EVP_CIPHER_CTX_ctrl(c.get(), EVP_CTRL_GCM_GET_TAG, 16, out.data() + plain.size());
    return out;
}

audit::KeyOpener knows(const Bytes& key) {
    return [key](const std::vector<audit::Recipient>&) -> base::Result<base::Secret> { return base::Secret::copy_of(key); };
}

Bytes joined(std::initializer_list<base::ByteView> parts) {
    Bytes out;
    for (base::ByteView p : parts) out.insert(out.end(), p.begin(), p.end());
    return out;
}

}  // namespace

TEST(sealed_file, opens_again_as_it_was_whatever_its_size_and_pieces) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kChunk - 1, kChunk, kChunk + 1, 3 * kChunk, std::size_t{200001}})
        for (const std::size_t piece : {std::size_t{777}, std::size_t{100000}}) {
            const Bytes plain = pattern(size);
            const Bytes file = sealed_to({anna().certificate}, plain, piece);
            const std::size_t chunks = size == 0 ? 1 : (size + kChunk - 1) / kChunk;
            EXPECT_EQ(file.size(), kHead + size + chunks * kTag);
            const auto back = open_with(anna(), file, piece);
            ASSERT_TRUE(back) << back.error().message;
            EXPECT_EQ(*back, plain) << size;
        }
}

TEST(sealed_file, opens_for_each_of_its_recipients_and_for_nobody_else) {
    const Bytes plain = pattern(1000);
    const Bytes both = sealed_to({anna().certificate, bela().certificate}, plain);
    EXPECT_EQ(*open_with(anna(), both), plain);
    EXPECT_EQ(*open_with(bela(), both), plain);
    const Bytes one = sealed_to({anna().certificate}, plain);
    EXPECT_EQ(open_with(bela(), one).error().code, Code::denied);
    // Not with another content key either, and nothing comes out.
    const auto other = read_all(audit::opened(source_of(one), knows(Bytes(32, 7))));
    EXPECT_EQ(other.error().code, Code::malformed);
}

TEST(sealed_file, holds_what_the_document_says) {
    const Bytes plain = pattern(kChunk + 5);
    const Bytes file = sealed_to({anna().certificate}, plain);
    const base::ByteView view(file);
    EXPECT_EQ(base::as_text(view.first(8)), "KMPSEALD");
    EXPECT_EQ(base::to_hex(view.subspan(8, 5)), "0101" "02" "4131");  // version, one recipient, "A1"
    EXPECT_EQ(base::to_hex(view.subspan(13, 32)), base::to_hex(base::sha256(anna().spki())));
    EXPECT_EQ(base::to_hex(view.subspan(45, 2)), "0100");
    const Bytes opened = anna().decrypt(view.subspan(47, 256));
    ASSERT_EQ(opened.size(), 46u);
    EXPECT_EQ(base::to_hex(base::ByteView(opened).first(14)), "6b6d702f76312f6578706f727400");
    const Bytes key(opened.begin() + 14, opened.end());
    const Bytes head(file.begin(), file.begin() + kHead);
    EXPECT_EQ(file, joined({head, sealed_chunk(key, 0, false, head, base::ByteView(plain).first(kChunk)), sealed_chunk(key, 1, true, head, base::ByteView(plain).subspan(kChunk))}));
}

TEST(sealed_file, of_the_document_opens_to_what_the_document_says) {
    const auto document = base::read_file(KMP_SOURCE_DIR "/docs/AUDIT_FORMAT.md", 1'000'000);
    const std::string text = base::to_string(*document);
    const std::size_t begin = text.find("```", text.find("## 12. Sealed file"));
    std::string digits;
    for (char c : text.substr(begin, text.find("```", begin + 3) - begin))
        if (std::isxdigit(static_cast<unsigned char>(c)) != 0) digits.push_back(c);
    Bytes key(32);
    for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(i);
    const auto plain = read_all(audit::opened(source_of(*base::from_hex(digits)), knows(key)));
    ASSERT_TRUE(plain) << plain.error().message;
    EXPECT_EQ(base::to_string(*plain), "What is sealed.");
}

TEST(sealed_file, shows_every_single_bit_that_was_flipped_and_where) {
    const Bytes plain = pattern(90);
    const Bytes file = sealed_to({anna().certificate}, plain);
    const Bytes opened = anna().decrypt(base::ByteView(file).subspan(47, 256));
    const Bytes key(opened.begin() + 14, opened.end());
    for (std::size_t bit = 0; bit < file.size() * 8; ++bit) {
        Bytes bent = file;
        bent[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
        // Opened with the right key in any case, so that the head is held against it as well.
        const auto back = read_all(audit::opened(source_of(bent), knows(key)));
        if (bit / 8 < 8) {
            EXPECT_EQ(*back, bent) << "it is no sealed file any more, and read as it stands";
            continue;
        }
        ASSERT_FALSE(back) << "bit " << bit;
        EXPECT_EQ(back.error().code, Code::malformed);
        if (bit / 8 >= kHead) {
            EXPECT_NE(back.error().message.find("bytes " + std::to_string(kHead) + " to " + std::to_string(file.size() - 1)), std::string::npos) << back.error().message;
        }
    }
}

TEST(sealed_file, that_was_cut_off_anywhere_does_not_open_as_a_whole_one) {
    const Bytes file = sealed_to({anna().certificate}, pattern(2 * kChunk + 100));
    for (const std::size_t size : {std::size_t{8}, std::size_t{9}, std::size_t{10}, std::size_t{40}, kHead - 1, kHead, kHead + 1, kHead + kTag, kHead + kChunk, kHead + kChunk + kTag,
                                   kHead + kChunk + kTag + 1, kHead + kChunk + 2 * kTag, kHead + 2 * (kChunk + kTag), file.size() - 1}) {
        const auto back = open_with(anna(), Bytes(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size)));
        ASSERT_FALSE(back) << size;
        EXPECT_EQ(back.error().code, Code::malformed) << back.error().message;
    }
    // At the end of a chunk it says what it is.
    const std::size_t at = kHead + kChunk + kTag;
    EXPECT_EQ(open_with(anna(), Bytes(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(at))).error().message, "the sealed file was cut off at byte " + std::to_string(at));
}

TEST(sealed_file, with_bytes_behind_its_end_is_refused) {
    for (const std::size_t size : {std::size_t{10}, kChunk}) {
        Bytes file = sealed_to({anna().certificate}, pattern(size));
        file.push_back(0);
        EXPECT_EQ(open_with(anna(), file).error().code, Code::malformed);
    }
    Bytes file = sealed_to({anna().certificate}, pattern(kChunk));
    const std::size_t end = file.size();
    file.resize(end + 3);
    EXPECT_EQ(open_with(anna(), file).error().message, "there are bytes behind the end of the sealed file, from byte " + std::to_string(end) + " on");
}

TEST(sealed_file, whose_chunks_were_moved_repeated_left_out_or_taken_from_another_is_refused) {
    const Bytes file = sealed_to({anna().certificate}, pattern(4 * kChunk));
    const Bytes other = sealed_to({anna().certificate}, pattern(4 * kChunk));
    const auto chunk = [](const Bytes& f, std::size_t n) { return base::ByteView(f).subspan(kHead + n * (kChunk + kTag), kChunk + kTag); };
    const base::ByteView head = base::ByteView(file).first(kHead);
    ASSERT_TRUE(open_with(anna(), joined({head, chunk(file, 0), chunk(file, 1), chunk(file, 2), chunk(file, 3)})));
    const Bytes bent[] = {joined({head, chunk(file, 0), chunk(file, 2), chunk(file, 1), chunk(file, 3)}),  // moved
                          joined({head, chunk(file, 0), chunk(file, 1), chunk(file, 1), chunk(file, 3)}),  // repeated
                          joined({head, chunk(file, 0), chunk(file, 2), chunk(file, 3)}),                  // left out
                          joined({head, chunk(file, 1), chunk(file, 2), chunk(file, 3)}),
                          joined({head, chunk(file, 0), chunk(other, 1), chunk(file, 2), chunk(file, 3)}),  // another file's
                          joined({base::ByteView(other).first(kHead), chunk(file, 0), chunk(file, 1), chunk(file, 2), chunk(file, 3)})};
    for (const Bytes& b : bent) {
        const auto back = open_with(anna(), b);
        ASSERT_FALSE(back);
        EXPECT_EQ(back.error().code, Code::malformed) << back.error().message;
    }
}

TEST(sealed_file, with_an_empty_chunk_behind_full_ones_is_refused) {
    const Bytes key(32, 9);
    const Bytes file = sealed_to({anna().certificate}, {});
    const Bytes head(file.begin(), file.begin() + kHead);
    const Bytes plain = pattern(kChunk);
    const Bytes bent = joined({head, sealed_chunk(key, 0, false, head, plain), sealed_chunk(key, 1, true, head, {})});
    EXPECT_EQ(read_all(audit::opened(source_of(bent), knows(key))).error().code, Code::malformed);
}

TEST(sealed_file, is_sealed_to_auditors_transport_keys_only) {
    const auto begin = [](const std::vector<pki::Certificate>& to) { return audit::EnvelopeWriter::begin(to, [](base::ByteView) -> base::Status { return {}; }); };
    const TestAuditor user(house(), "U1", model::UkeyKind::user);
    EXPECT_EQ(begin({user.certificate}).error().code, Code::refused);
    EXPECT_EQ(begin({anna().certificate, user.certificate}).error().code, Code::refused);
    EXPECT_EQ(begin({house().checkpoint_certificate}).error().code, Code::refused);
    EXPECT_EQ(begin({}).error().code, Code::invalid_argument);
    EXPECT_EQ(begin({anna().certificate, anna().certificate}).error().message, "UKEY A1 is named twice");
    EXPECT_EQ(begin(std::vector<pki::Certificate>(17, anna().certificate)).error().code, Code::invalid_argument);
}

TEST(sealed_file, that_holds_an_export_is_verified_as_it_streams) {
    SampleLog log;
    log.begin_with_orders(5);
    const Bytes file = sealed_to({anna().certificate}, log.exported());
    audit::VerifyOptions options;
    options.trust_anchor = log.pki.anchor.der();
    const auto verdict = audit::verify_export(audit::opened(source_of(file), anna().opener()), options);
    ASSERT_TRUE(verdict);
    EXPECT_TRUE(verdict->sound);
    Bytes bent = file;
    bent[bent.size() - 40] ^= 1;
    const auto damaged = audit::verify_export(audit::opened(source_of(bent), anna().opener()), options);
    ASSERT_TRUE(damaged);
    EXPECT_FALSE(damaged->sound);
}

TEST(plain_file, is_read_as_it_stands_and_nobody_is_asked_for_a_key) {
    const auto nobody = [](const std::vector<audit::Recipient>&) -> base::Result<base::Secret> { return base::Error{Code::internal, "asked"}; };
    for (const std::size_t size : {std::size_t{0}, std::size_t{3}, std::size_t{8}, std::size_t{70000}})
        for (const std::size_t piece : {std::size_t{1}, std::size_t{5000}}) EXPECT_EQ(*read_all(audit::opened(source_of(pattern(size), piece), nobody)), pattern(size));
}
