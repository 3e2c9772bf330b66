#include "audit/checkpoint.h"

#include <gtest/gtest.h>

#include "tests/audit/sample_log.h"

namespace {

using audit::Checkpoint;
using base::Code;

Checkpoint some_checkpoint() { return {"kmp.example/test", 20852163, base::sha256(base::as_bytes("root"))}; }

}  // namespace

TEST(checkpoint, key_id_is_that_of_the_published_go_checksum_database_key) {
    // sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8: the vkey that Go ships (cmd/go, key.go).
    const base::Bytes raw = *base::from_base64("Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8");
    ASSERT_EQ(raw.size(), 33u);
    ASSERT_EQ(raw[0], 1) << "Ed25519";
    base::Bytes spki = *base::from_hex("302a300506032b6570032100");  // RFC 8410, section 4
    spki.insert(spki.end(), raw.begin() + 1, raw.end());
    const auto id = audit::key_id("sum.golang.org", spki);
    ASSERT_TRUE(id) << id.error().message;
    EXPECT_EQ(*id, 0x033de0aeu);
}

TEST(checkpoint, reads_the_published_example) {
    // C2SP tlog-checkpoint, first example. Its key is not published.
    const std::string note = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\xE2\x80\x94 example.com/behind-the-sofa "
                             "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";
    const auto read = audit::read_checkpoint(note);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->origin, "example.com/behind-the-sofa");
    EXPECT_EQ(read->size, 20852163u);
    EXPECT_EQ(base::to_base64(read->root), "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=");
}

TEST(checkpoint, takes_the_published_verifier_keys_and_no_mangling_of_them) {
    // golang.org/x/mod/sumdb/note, note_test.go: a key, and two with a key id that fits their wrong length and unknown type. The ECDSA key is that of rekor.sigstore.dev, of transparency-dev/formats.
    const std::string ed25519 = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const std::string ecdsa = "rekor.sigstore.dev+c0d23d6a+AjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNhtmPtrWm3U1eQXBogSMdGvXwBcK5AW5i0hrZLOC96l+smGNM7nwZ4QvFK/4sueRoVj//QP22Ni4Qt9DPfkWLc=";
    for (const std::string& good : {ed25519, ecdsa}) {
        const auto key = audit::parse_verifier_key(good);
        ASSERT_TRUE(key) << key.error().message;
        EXPECT_EQ(*audit::verifier_key(key->name, key->spki), good);
    }
    for (std::size_t i = 0; i < ed25519.size(); ++i)
        for (std::size_t j = i + 1; j <= ed25519.size(); ++j)
            if (i != 0 || j != ed25519.size()) {
                EXPECT_FALSE(audit::parse_verifier_key(ed25519.substr(i, j - i))) << i << " to " << j;
            }
    for (std::size_t i = 0; i < ed25519.size(); ++i) {
        std::string bent = ed25519;
        ++bent[i];
        EXPECT_FALSE(audit::parse_verifier_key(bent)) << bent;
    }
    EXPECT_FALSE(audit::parse_verifier_key("PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY=="));
    EXPECT_FALSE(audit::parse_verifier_key("PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"));
}

TEST(checkpoint, body_is_origin_size_and_root) {
    const Checkpoint c = some_checkpoint();
    // printf root | openssl dgst -sha256 -binary | base64
    EXPECT_EQ(c.body(), "kmp.example/test\n20852163\nSBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7I=\n");
    EXPECT_EQ(*Checkpoint::parse_body(c.body()), c);
}

TEST(checkpoint, body_that_is_written_otherwise_is_refused) {
    const std::string root = base::to_base64(base::sha256(base::as_bytes("x")));
    for (const std::string& bad : {std::string(), std::string("\n"), "o\n1\n" + root, "o\n1\n" + root + "\nextension\n", "o\n01\n" + root + "\n", "o\n-1\n" + root + "\n", "o\n+1\n" + root + "\n",
                                   "o\n 1\n" + root + "\n", "o\n1 \n" + root + "\n", "\n1\n" + root + "\n", "o o\n1\n" + root + "\n", "o+o\n1\n" + root + "\n", "o\n18446744073709551616\n" + root + "\n",
                                   "o\n1\n" + root.substr(4) + "\n", "o\n1\n" + root + "\n\n", "o\r\n1\n" + root + "\n"})
        EXPECT_FALSE(Checkpoint::parse_body(bad)) << bad;
}

TEST(checkpoint, signature_holds_with_its_key_only) {
    for (auto type : {TestKey::Type::ed25519, TestKey::Type::p256}) {
        TestKey key(type);
        TestKey other(type);
        const auto note = audit::sign_checkpoint(some_checkpoint(), key);
        ASSERT_TRUE(note) << note.error().message;
        const auto read = audit::verify_checkpoint(*note, key.spki());
        ASSERT_TRUE(read) << read.error().message;
        EXPECT_EQ(*read, some_checkpoint());
        EXPECT_EQ(audit::verify_checkpoint(*note, other.spki()).error().code, Code::key_invalid);
        EXPECT_EQ(*audit::read_checkpoint(*note), some_checkpoint());
    }
}

TEST(checkpoint, note_with_any_bit_flipped_does_not_verify) {
    TestKey key(TestKey::Type::ed25519);
    const std::string note = *audit::sign_checkpoint(some_checkpoint(), key);
    for (std::size_t bit = 0; bit < note.size() * 8; ++bit) {
        std::string bent = note;
        bent[bit / 8] = static_cast<char>(bent[bit / 8] ^ 1 << bit % 8);
        EXPECT_FALSE(audit::verify_checkpoint(bent, key.spki())) << bit;
    }
    for (std::size_t n = 0; n < note.size(); ++n) EXPECT_FALSE(audit::verify_checkpoint(note.substr(0, n), key.spki()));
    EXPECT_FALSE(audit::verify_checkpoint(note + "\n", key.spki()));
}

TEST(checkpoint, signatures_of_witnesses_are_allowed_and_ignored) {
    TestKey key(TestKey::Type::ed25519);
    const std::string note = *audit::sign_checkpoint(some_checkpoint(), key);
    const std::string witness = "\xE2\x80\x94 witness.example " + base::to_base64(base::Bytes(68, 9)) + "\n";
    EXPECT_TRUE(audit::verify_checkpoint(note + witness, key.spki()));
    const std::size_t line = note.rfind("\n\n") + 2;
    EXPECT_TRUE(audit::verify_checkpoint(note.substr(0, line) + witness + note.substr(line), key.spki()));
    EXPECT_EQ(audit::verify_checkpoint(note.substr(0, line) + witness, key.spki()).error().code, Code::key_invalid) << "a witness alone is not enough";
    std::string many = note;
    for (int i = 0; i < 20; ++i) many += witness;
    EXPECT_EQ(audit::verify_checkpoint(many, key.spki()).error().code, Code::malformed);
}

TEST(checkpoint, second_signature_of_the_same_key_must_hold_too) {
    TestKey key(TestKey::Type::ed25519);
    const std::string note = *audit::sign_checkpoint(some_checkpoint(), key);
    base::ByteWriter bad;
    bad.u32(*audit::key_id("kmp.example/test", key.spki()));
    bad.bytes(base::Bytes(64, 1));
    EXPECT_FALSE(audit::verify_checkpoint(note + "\xE2\x80\x94 kmp.example/test " + base::to_base64(bad.view()) + "\n", key.spki()));
}

TEST(checkpoint, is_not_signed_when_the_token_answers_with_another_key) {
    struct Confused final : audit::CheckpointSigner {
        TestKey one{TestKey::Type::ed25519};
        TestKey two{TestKey::Type::ed25519};
        base::Result<base::Bytes> sign(base::ByteView body) override { return one.sign(body); }
        base::Result<base::Bytes> public_key() override { return two.public_key(); }
    } confused;
    EXPECT_EQ(audit::sign_checkpoint(some_checkpoint(), confused).error().code, Code::key_invalid);
    TestKey key(TestKey::Type::ed25519);
    Checkpoint spaced = some_checkpoint();
    spaced.origin = "two words";
    EXPECT_FALSE(audit::sign_checkpoint(spaced, key));
}

TEST(checkpoint, raw_ecdsa_signature_of_a_token_is_taken) {
    struct Token final : audit::CheckpointSigner {
        TestKey key{TestKey::Type::p256};
        base::Result<base::Bytes> sign(base::ByteView body) override { return key.sign_raw(body); }
        base::Result<base::Bytes> public_key() override { return key.public_key(); }
    } token;
    const auto note = audit::sign_checkpoint(some_checkpoint(), token);
    ASSERT_TRUE(note) << note.error().message;
    EXPECT_TRUE(audit::verify_checkpoint(*note, token.key.spki()));
}

TEST(checkpoint, key_of_another_kind_is_unsupported) {
    EXPECT_EQ(audit::key_id("x", *base::from_hex("302a300506032b656e032100" + std::string(64, '1'))).error().code, Code::unsupported);  // X25519
    EXPECT_EQ(audit::key_id("x", *base::from_hex("00")).error().code, Code::malformed);
}
