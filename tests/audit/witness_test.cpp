#include "audit/witness.h"

#include <gtest/gtest.h>

#include "audit/cosignature.h"
#include "tests/audit/sample_log.h"

namespace {

using audit::AddCheckpoint;
using audit::Checkpoint;
using audit::SignatureType;
using audit::VerifierKey;
using base::Code;

const std::string kDash = "\xE2\x80\x94 ";

/// A log in memory, and its tree.
class TestLog final : public audit::HashSource {
public:
    void grow(std::uint64_t to) {
        for (; leaves_.size() < to; tree_.append(leaves_.back())) leaves_.push_back(audit::leaf_hash(base::as_bytes("record " + std::to_string(leaves_.size()))));
    }
    base::Result<audit::Digest> node(unsigned height, std::uint64_t index) override {
        if (height == 0) return leaves_.at(index);
        const auto left = node(height - 1, index * 2), right = node(height - 1, index * 2 + 1);
        return audit::node_hash(*left, *right);
    }
    std::string note(std::uint64_t size) { return *audit::sign_checkpoint({"kmp.example/log", size, *audit::root_at(*this, size)}, key); }
    audit::Digest root(std::uint64_t size) { return *audit::root_at(*this, size); }
    AddCheckpoint asked(std::uint64_t old_size, std::uint64_t size) { return {old_size, *audit::consistency_proof(*this, old_size, size), note(size)}; }
    VerifierKey verifier() { return {"kmp.example/log", key.spki(), SignatureType::ed25519}; }

    TestKey key{TestKey::Type::ed25519};

private:
    std::vector<audit::Digest> leaves_;
    audit::Frontier tree_;
};

struct TestWitness {
    TestKey key{TestKey::Type::ed25519};
    VerifierKey verifier(const std::string& name = "witness.example/w1") const { return {name, key.spki(), SignatureType::cosignature}; }
    std::string line(std::uint64_t time, const std::string& body) const {
        return *audit::cosignature_line(verifier(), time, body, key.sign_message(base::as_bytes(audit::cosigned_bytes(time, body))));
    }
};

TEST(note, published_example_of_signed_note_verifies) {
    // C2SP signed-note, "Example": this verifier key verifies this note.
    const auto key = audit::parse_verifier_key("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k");
    ASSERT_TRUE(key) << key.error().message;
    const std::string note = "This is an example message.\n\n" + kDash + "example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
    const auto parsed = audit::parse_note(note);
    ASSERT_TRUE(parsed) << parsed.error().message;
    ASSERT_EQ(parsed->signatures.size(), 1u);
    EXPECT_EQ(parsed->body, "This is an example message.\n");
    EXPECT_EQ(parsed->signatures[0].id, 0x530d903au);
    EXPECT_EQ(parsed->signatures[0].line(), note.substr(note.find(kDash)));
    EXPECT_TRUE(audit::signature_holds(key->spki, parsed->body, parsed->signatures[0].value));
    EXPECT_FALSE(audit::signature_holds(key->spki, "This is an example message!\n", parsed->signatures[0].value));
}

TEST(note, published_example_of_a_cosignature_says_its_time) {
    // C2SP tlog-cosignature: the example at its head, and "time 1679315147" of the message that it signs.
    const std::string note = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n" + kDash +
                             "example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n" + kDash +
                             "witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";
    const auto parsed = audit::parse_note(note);
    ASSERT_TRUE(parsed) << parsed.error().message;
    ASSERT_EQ(parsed->signatures.size(), 2u);
    EXPECT_EQ(parsed->signatures[1].name, "witness.example.com/w1");
    ASSERT_EQ(parsed->signatures[1].value.size(), 72u);
    base::ByteReader in(parsed->signatures[1].value);
    EXPECT_EQ(*in.u64(), 1679315147u);
    EXPECT_EQ(audit::cosigned_bytes(1679315147, parsed->body),
              "cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n");
}

TEST(note, what_a_scanner_or_an_editor_adds_is_taken_off_and_nothing_else) {
    const std::string note = "origin\n1\nroot\n\n" + kDash + "name AAAA\n";
    std::string windows = "\xEF\xBB\xBF";
    for (const char c : note) windows += c == '\n' ? std::string("\r\n") : std::string(1, c);
    EXPECT_EQ(audit::mended_note(note), note);
    EXPECT_EQ(audit::mended_note(windows), note);
    EXPECT_EQ(audit::mended_note(note + " \t\n\n"), note);
    EXPECT_EQ(audit::mended_note(note.substr(0, note.size() - 1)), note);
    EXPECT_EQ(audit::mended_note(" " + note), " " + note);
    EXPECT_EQ(audit::mended_note("a \nb\rc\n"), "a \nb\rc\n");
    EXPECT_EQ(audit::mended_note(" \r\n"), "");
}

TEST(cosignature, id_is_over_name_type_four_and_key) {
    const TestWitness witness;
    const base::Bytes raw = base::to_bytes(base::ByteView(witness.key.spki()).last(32));
    const std::uint8_t between[] = {'\n', 4};
    const base::Digest hash = base::sha256({base::as_bytes("witness.example/w1"), between, raw});
    const auto text = audit::verifier_key_as(SignatureType::cosignature, "witness.example/w1", witness.key.spki());
    ASSERT_TRUE(text);
    base::Bytes typed{4};
    typed.insert(typed.end(), raw.begin(), raw.end());
    EXPECT_EQ(*text, "witness.example/w1+" + base::to_hex(base::ByteView(hash).first(4)) + "+" + base::to_base64(typed));
    const auto key = audit::parse_verifier_key(*text);
    ASSERT_TRUE(key) << key.error().message;
    EXPECT_EQ(key->type, SignatureType::cosignature);
    EXPECT_EQ(key->spki, witness.key.spki());
    EXPECT_FALSE(audit::verifier_key_as(SignatureType::cosignature, "w", TestKey(TestKey::Type::p256).spki())) << "no cosignatures but Ed25519 ones";
}

TEST(cosignature, holds_for_its_note_and_its_witness_only) {
    TestLog log;
    log.grow(5);
    const TestWitness witness, other;
    const std::string note = log.note(5), body = note.substr(0, note.find("\n\n") + 1);
    const auto cosigned = audit::with_cosignatures(note, witness.line(1700000000, body), witness.verifier());
    ASSERT_TRUE(cosigned) << cosigned.error().message;
    EXPECT_TRUE(cosigned->starts_with(note)) << "the log's own signature stays";
    const auto verified = audit::verify_cosignature(*cosigned, witness.verifier());
    ASSERT_TRUE(verified) << verified.error().message;
    EXPECT_EQ(verified->time, 1700000000u);
    EXPECT_EQ(verified->checkpoint.size, 5u);
    EXPECT_TRUE(audit::verify_checkpoint(*cosigned, log.key.spki()));
    EXPECT_EQ(audit::verify_cosignature(note, witness.verifier()).error().code, Code::key_invalid) << "there is none";
    EXPECT_EQ(audit::verify_cosignature(*cosigned, other.verifier()).error().code, Code::key_invalid);
    EXPECT_EQ(audit::verify_cosignature(*cosigned, witness.verifier("witness.example/w2")).error().code, Code::key_invalid);
    EXPECT_EQ(audit::verify_cosignature(*cosigned, log.verifier()).error().code, Code::unsupported) << "the log's own key is no witness's";
    log.grow(6);
    const std::string later = log.note(6);
    EXPECT_EQ(audit::with_cosignatures(later, witness.line(1700000000, body), witness.verifier()).error().code, Code::key_invalid);
}

TEST(cosignature, with_any_bit_flipped_does_not_hold) {
    TestLog log;
    log.grow(3);
    const TestWitness witness;
    const std::string note = log.note(3), body = note.substr(0, note.find("\n\n") + 1);
    const std::string good = *audit::with_cosignatures(note, witness.line(1700000000, body), witness.verifier());
    const std::size_t line = good.rfind(kDash);
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        if (bit / 8 >= note.find(kDash) && bit / 8 < line) continue;  // the log's own signature is another matter
        std::string bad = good;
        bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ 1 << bit % 8);
        EXPECT_FALSE(audit::verify_cosignature(bad, witness.verifier())) << bit;
    }
}

TEST(cosignature, takes_the_place_of_the_one_before_and_leaves_strangers_out) {
    TestLog log;
    log.grow(3);
    const TestWitness witness, stranger;
    const std::string note = log.note(3), body = note.substr(0, note.find("\n\n") + 1);
    const std::string first = *audit::with_cosignatures(note, witness.line(1, body), witness.verifier());
    const std::string second = *audit::with_cosignatures(first, stranger.line(9, body) + witness.line(2, body), witness.verifier());
    EXPECT_EQ(audit::verify_cosignature(second, witness.verifier())->time, 2u);
    EXPECT_EQ(audit::parse_note(second)->signatures.size(), 2u);
    EXPECT_FALSE(audit::with_cosignatures(note, stranger.line(9, body), witness.verifier()));
    EXPECT_FALSE(audit::with_cosignatures(note, "garbage\n", witness.verifier()));
    EXPECT_FALSE(audit::with_cosignatures(note, "", witness.verifier()));
}

TEST(add_checkpoint, reads_what_it_writes_and_the_published_example) {
    TestLog log;
    log.grow(9);
    const AddCheckpoint asked = log.asked(4, 9);
    const auto again = AddCheckpoint::parse(asked.text());
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->text(), asked.text());
    EXPECT_EQ(again->proof, asked.proof);
    // C2SP tlog-witness, the example of a request.
    const std::string example =
        "old 20852014\nPlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\njrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n"
        "/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n\nexample.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n" + kDash +
        "example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n" + kDash +
        "example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=\n";
    const auto published = AddCheckpoint::parse(example);
    ASSERT_TRUE(published) << published.error().message;
    EXPECT_EQ(published->old_size, 20852014u);
    EXPECT_EQ(published->proof.size(), 4u);
    EXPECT_EQ(audit::read_checkpoint(published->note)->size, 20852163u);
    EXPECT_EQ(published->text(), example);
}

TEST(add_checkpoint, whatever_is_written_otherwise_is_refused) {
    TestLog log;
    log.grow(4);
    const std::string good = log.asked(3, 4).text(), note = log.note(4);
    ASSERT_TRUE(AddCheckpoint::parse(good));
    const std::string hash = base::to_base64(log.root(4)) + "\n";
    std::string many = "old 3\n";
    for (std::size_t i = 0; i < audit::kMaxProofLines + 1; ++i) many += hash;
    for (const std::string& bad : {std::string(), std::string("\n"), std::string("old 3"), "old 03\n\n" + note, "old -3\n\n" + note, "old 3 \n\n" + note, "Old 3\n\n" + note, "old\n\n" + note, "3\n\n" + note,
                                   "old 18446744073709551616\n\n" + note, "old 3\n" + note, "old 3\n" + hash + note, "old 3\r\n\r\n" + note, "old 3\nAAAA\n\n" + note, "old 3\n" + hash.substr(1) + "\n" + note,
                                   many + "\n" + note, good.substr(0, good.size() - 1), good + "\n", "old 3\n\n" + note.substr(0, note.find("\n\n") + 2), good + std::string(audit::kMaxAddCheckpoint, 'x')})
        EXPECT_EQ(AddCheckpoint::parse(bad).error().code, Code::malformed) << bad.substr(0, 200);
}

TEST(witness, cosigns_what_goes_on_from_what_it_holds) {
    TestLog log;
    log.grow(40);
    Checkpoint point;
    EXPECT_EQ(audit::judge(log.asked(0, 7), log.verifier(), {}, point).status, 200u);
    EXPECT_EQ(point.size, 7u);
    for (std::uint64_t held = 1; held <= 20; ++held)
        for (std::uint64_t size = held; size <= 40; size += 3) {
            const auto answer = audit::judge(log.asked(held, size), log.verifier(), audit::Witnessed{held, log.root(held)}, point);
            EXPECT_EQ(answer.status, 200u) << held << " to " << size << ": " << answer.why;
            EXPECT_EQ(point.root, log.root(size));
        }
}

TEST(witness, says_no_to_everything_else_with_the_status_of_the_specification) {
    TestLog log, stranger;
    log.grow(40);
    stranger.grow(40);
    Checkpoint point;
    const audit::Witnessed held{7, log.root(7)};
    const auto status = [&](const AddCheckpoint& request, std::optional<audit::Witnessed> of = audit::Witnessed{}) {
        return audit::judge(request, log.verifier(), of->size == 0 ? std::optional<audit::Witnessed>() : of, point);
    };
    EXPECT_EQ(status(stranger.asked(7, 9), held).status, 403u) << "another key";
    AddCheckpoint forged = log.asked(7, 9);
    forged.note[forged.note.size() - 10] = forged.note[forged.note.size() - 10] == 'A' ? 'B' : 'A';
    EXPECT_EQ(status(forged, held).status, 403u);
    EXPECT_EQ(audit::judge(log.asked(0, 9), {"kmp.example/other", log.key.spki(), SignatureType::ed25519}, {}, point).status, 404u);
    EXPECT_EQ(status(AddCheckpoint{9, {}, log.note(8)}, held).status, 400u) << "old beyond new";
    EXPECT_EQ(status(log.asked(8, 9), held), (audit::WitnessAnswer{409, "7\n"}));
    EXPECT_EQ(status(log.asked(0, 9), held), (audit::WitnessAnswer{409, "7\n"}));
    EXPECT_EQ(status(log.asked(3, 5), held), (audit::WitnessAnswer{409, "7\n"})) << "an older one";
    EXPECT_EQ(status(log.asked(4, 9)), (audit::WitnessAnswer{409, "0\n"}));
    AddCheckpoint proved = log.asked(7, 9);
    proved.old_size = 0;
    EXPECT_EQ(status(proved).status, 422u) << "from nothing on there is nothing to prove";
    AddCheckpoint wrong = log.asked(7, 9);
    wrong.proof[0][0] = static_cast<std::uint8_t>(wrong.proof[0][0] ^ 1);
    EXPECT_EQ(status(wrong, held).status, 422u);
    EXPECT_EQ(status(log.asked(7, 9), audit::Witnessed{7, log.root(6)}).status, 422u) << "it holds another history";
    EXPECT_EQ(status(log.asked(7, 7), audit::Witnessed{7, log.root(6)}).status, 422u) << "the same size, another root";
    const std::string empty = *audit::sign_checkpoint({"kmp.example/log", 0, log.root(1)}, log.key);
    EXPECT_EQ(status(AddCheckpoint{0, {}, empty}).status, 422u) << "the root of nothing is SHA-256 of nothing";
    EXPECT_EQ(status(AddCheckpoint{0, {}, *audit::sign_checkpoint({"kmp.example/log", 0, base::sha256(base::ByteView())}, log.key)}).status, 200u);
}

TEST(witness, size_of_a_conflict_is_one_number_on_one_line) {
    EXPECT_EQ(*audit::parse_tree_size("0\n"), 0u);
    EXPECT_EQ(*audit::parse_tree_size("18446744073709551615\n"), UINT64_MAX);
    for (const char* bad : {"", "\n", "7", "07\n", "7\n\n", "7 \n", "-7\n", "18446744073709551616\n", "seven\n"}) EXPECT_FALSE(audit::parse_tree_size(bad)) << bad;
}

TEST(witness, path_of_a_log_is_the_hash_of_its_origin) {
    // printf example.com/behind-the-sofa | sha256sum
    EXPECT_EQ(audit::origin_hash("example.com/behind-the-sofa"), "5fd2dc0beb4ce54da5050cf6d5c75248b023abad441c3cecde3976fbe9da4fe4");
}

}  // namespace
