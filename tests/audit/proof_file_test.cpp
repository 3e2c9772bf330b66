// Proofs as files: what a third party checks with nothing but a key.
#include "audit/proof_file.h"

#include <gtest/gtest.h>

#include "audit/consistency_file.h"
#include "audit/export_proof.h"
#include "tests/audit/logged.h"

namespace {

using audit::ConsistencyFile;
using audit::Digest;
using audit::Frontier;
using audit::Proof;
using audit::ProofFile;
using base::Code;

class Leaves final : public audit::HashSource {
public:
    explicit Leaves(const std::vector<base::Bytes>& records) : records_(records) {}
    base::Result<Digest> node(unsigned height, std::uint64_t index) override {
        Frontier tree;
        for (std::size_t i = 0; i < std::size_t{1} << height; ++i) tree.append(audit::leaf_hash(records_[(static_cast<std::size_t>(index) << height) + i]));
        return tree.root();
    }

private:
    const std::vector<base::Bytes>& records_;
};

struct Prover : SampleLog {
    std::vector<audit::VerifierKey> keys{{kOrigin, pki.checkpoint.spki()}};

    ProofFile of(std::uint64_t index) {
        Leaves leaves(records);
        ProofFile out;
        out.index = index;
        out.record = records[index];
        out.leaf = audit::leaf_hash(out.record);
        out.proof = *audit::inclusion_proof(leaves, index, records.size());
        out.note = note();
        return out;
    }
    /// From `note`, which was over `size` records.
    ConsistencyFile since(const std::string& older, std::uint64_t size) {
        Leaves leaves(records);
        return {older, note(), *audit::consistency_proof(leaves, size, records.size())};
    }
};

base::Result<audit::Checkpoint> checked(const std::string& text, std::span<const audit::VerifierKey> keys) {
    KMP_TRY(const ProofFile file, ProofFile::parse(text));
    return audit::verify_proof(file, keys);
}

base::Result<audit::Growth> grown(const std::string& text, std::span<const audit::VerifierKey> keys) {
    KMP_TRY(const ConsistencyFile file, ConsistencyFile::parse(text));
    return audit::verify_growth(file, keys);
}

}  // namespace

TEST(proof_file, holds_a_record_or_its_leaf_hash_alone) {
    Prover log;
    log.begin_with_orders(9);
    for (std::uint64_t i = 0; i < log.records.size(); ++i) {
        ProofFile made = log.of(i);
        auto read = ProofFile::parse(made.text());
        ASSERT_TRUE(read) << read.error().message;
        EXPECT_EQ(read->record, log.records[i]);
        EXPECT_EQ(read->index, i);
        EXPECT_TRUE(audit::verify_proof(*read, log.keys));
        made.record.clear();
        read = ProofFile::parse(made.text());
        ASSERT_TRUE(read) << read.error().message;
        EXPECT_TRUE(read->record.empty());
        EXPECT_EQ(audit::verify_proof(*read, log.keys)->size, log.records.size());
    }
}

TEST(proof_file, is_the_format_of_c2sp) {
    Prover log;
    log.begin();
    const ProofFile made = log.of(0);
    // C2SP tlog-proof: its head, extra, index, one hash a line, an empty line, the checkpoint.
    std::string expected = "c2sp.org/tlog-proof@v1\nextra ";
    base::Bytes extra(made.leaf.begin(), made.leaf.end());
    extra.insert(extra.end(), log.records[0].begin(), log.records[0].end());
    expected += base::to_base64(extra) + "\nindex 0\n";
    for (const Digest& hash : made.proof) expected += base::to_base64(hash) + "\n";
    EXPECT_EQ(made.text(), expected + "\n" + made.note);
}

TEST(proof_file, with_any_bit_flipped_proves_nothing) {
    Prover log;
    log.begin_with_orders(2);
    for (const bool whole : {true, false}) {
        ProofFile made = log.of(4);
        if (!whole) made.record.clear();
        const std::string text = made.text();
        for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
            std::string bent = text;
            bent[bit / 8] = static_cast<char>(bent[bit / 8] ^ 1 << bit % 8);
            EXPECT_FALSE(checked(bent, log.keys)) << "bit " << bit;
        }
        for (std::size_t n = 0; n < text.size(); ++n) EXPECT_FALSE(checked(text.substr(0, n), log.keys)) << n;
        EXPECT_FALSE(checked(text + "\n", log.keys));
    }
}

TEST(proof_file, that_is_written_in_another_way_is_refused) {
    Prover log;
    log.begin_with_orders(2);
    const std::string good = log.of(4).text();
    const auto with = [&](std::string_view what, std::string_view by) {
        std::string text = good;
        const std::size_t at = text.find(what);
        EXPECT_NE(at, std::string::npos) << what;
        return text.replace(at, what.size(), by);
    };
    for (const std::string& bad : {with("@v1", "@v2"), with("index 4", "index 04"), with("index 4", "index +4"), with("index 4", "index  4"), with("index 4", "index 4 "), with("index 4\n", ""), with("extra ", ""), with("extra ", "extra  "),
                                   with("\n\n", "\n"), with("\n\n", "\n\n\n"), with("c2sp", "\nc2sp"), with("\nindex", "\r\nindex"), with("index 4", "index 18446744073709551620"), std::string("c2sp.org/tlog-proof@v1\n")})
        EXPECT_FALSE(checked(bad, log.keys)) << bad;
    ProofFile many = log.of(4);
    many.proof.assign(65, Digest{});
    EXPECT_EQ(ProofFile::parse(many.text()).error().code, Code::malformed);
    EXPECT_EQ(ProofFile::parse(std::string(audit::kMaxProofFile + 1, 'x')).error().code, Code::malformed);
}

TEST(proof_file, whose_record_is_not_the_one_of_its_leaf_hash_is_refused) {
    Prover log;
    log.begin_with_orders(2);
    ProofFile other = log.of(4);
    other.record = log.records[5];
    EXPECT_EQ(ProofFile::parse(other.text()).error().code, Code::malformed);
}

TEST(proof_file, of_another_index_record_key_or_log_does_not_hold) {
    Prover log;
    log.begin_with_orders(4);
    for (std::uint64_t i = 0; i < log.records.size(); ++i)
        if (i != 5) {
            ProofFile moved = log.of(5);
            moved.index = i;
            EXPECT_EQ(checked(moved.text(), log.keys).error().code, Code::key_invalid) << i;
        }
    ProofFile swapped = log.of(5);
    swapped.record = log.records[6];
    swapped.leaf = audit::leaf_hash(swapped.record);
    EXPECT_EQ(checked(swapped.text(), log.keys).error().code, Code::key_invalid);
    Prover other;
    other.begin_with_orders(4);
    EXPECT_EQ(checked(log.of(5).text(), other.keys).error().code, Code::key_invalid);
    const std::vector<audit::VerifierKey> renamed{{"kmp.example/other", log.pki.checkpoint.spki()}};
    EXPECT_EQ(checked(log.of(5).text(), renamed).error().code, Code::key_invalid);
    EXPECT_EQ(checked(log.of(5).text(), {}).error().code, Code::key_invalid) << "no key at all";
}

TEST(proof_file, holds_under_whichever_of_the_keys_signed_it) {
    Prover log;
    log.begin_with_orders(3);
    TestKey next(TestKey::Type::p256);
    const std::vector<audit::VerifierKey> both{{Prover::kOrigin, next.spki()}, log.keys[0]};
    EXPECT_TRUE(checked(log.of(5).text(), both));
    ProofFile later = log.of(5);
    later.note = *audit::sign_checkpoint(log.checkpoint(), next);
    EXPECT_TRUE(checked(later.text(), both));
    EXPECT_FALSE(checked(later.text(), log.keys));
}

TEST(export_proof, of_every_record_is_the_one_that_the_tree_gives) {
    Prover log;
    log.begin_with_orders(30);
    for (std::uint64_t i = 0; i < log.records.size(); ++i) {
        const auto made = audit::prove_from_export(source_of(log.exported(), 777), i);
        ASSERT_TRUE(made) << made.error().message;
        EXPECT_EQ(made->file.text(), log.of(i).text());
        EXPECT_EQ(made->key.spki, log.pki.checkpoint.spki());
        EXPECT_TRUE(checked(made->file.text(), log.keys));
    }
    EXPECT_EQ(audit::prove_from_export(source_of(log.exported()), log.records.size()).error().code, Code::not_found);
    EXPECT_EQ(audit::prove_from_export(source_of(base::Bytes(100, 7)), 0).error().code, Code::malformed);
}

TEST(export_proof, of_a_range_of_the_log_is_the_same) {
    Prover log;
    log.begin_with_orders(30);
    Logged logged;
    logged.take(log, log.records.size());
    for (std::uint64_t first = 0; first < log.records.size(); ++first) {
        const base::Bytes written = logged.exported(log, first, log.records.size());
        for (std::uint64_t i = 0; i < log.records.size(); ++i) {
            const auto made = audit::prove_from_export(source_of(written), i);
            if (i < first) {
                EXPECT_EQ(made.error().code, Code::not_found) << i << " from " << first;
            } else {
                EXPECT_EQ(made->file.text(), log.of(i).text()) << i << " from " << first;
            }
        }
    }
}

TEST(export_proof, is_not_made_from_an_export_that_was_changed) {
    Prover log;
    log.begin_with_orders(3);
    const base::Bytes good = log.exported();
    ASSERT_TRUE(audit::prove_from_export(source_of(good), 5));
    for (std::size_t i = 0; i < good.size(); ++i) {
        base::Bytes bent = good;
        bent[i] ^= 1;
        const auto made = audit::prove_from_export(source_of(bent), 5);
        // What it does not look at, certificates and signatures, verify_proof with the key does.
        if (made && checked(made->file.text(), log.keys)) {
            EXPECT_EQ(made->file.text(), log.of(5).text()) << "byte " << i;
        }
    }
}

TEST(consistency_file, shows_that_a_log_only_grew) {
    Prover log;
    log.begin();
    for (std::uint8_t n = 1; n < 30; ++n) {
        const std::string older = log.note();
        const std::uint64_t size = log.records.size();
        EXPECT_TRUE(grown(log.since(older, size).text(), log.keys)) << "it has not grown at all";
        for (std::uint8_t i = 0; i < 5; ++i) log.add(SampleLog::order(static_cast<std::uint8_t>(5 * n + i)));
        const auto growth = grown(log.since(older, size).text(), log.keys);
        ASSERT_TRUE(growth) << growth.error().message;
        EXPECT_EQ(growth->older.size, size);
        EXPECT_EQ(growth->newer.size, log.records.size());
    }
}

TEST(consistency_file, with_any_bit_flipped_shows_nothing) {
    Prover log;
    log.begin_with_orders(3);
    const std::string older = log.note();
    const std::uint64_t size = log.records.size();
    for (std::uint8_t n = 4; n < 9; ++n) log.add(SampleLog::order(n));
    const std::string text = log.since(older, size).text();
    ASSERT_TRUE(grown(text, log.keys));
    for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
        std::string bent = text;
        bent[bit / 8] = static_cast<char>(bent[bit / 8] ^ 1 << bit % 8);
        EXPECT_FALSE(grown(bent, log.keys)) << "bit " << bit;
    }
    for (std::size_t n = 0; n < text.size(); ++n) EXPECT_FALSE(grown(text.substr(0, n), log.keys)) << n;
    for (const char* more : {"\n", "\n\n", "x", " "}) EXPECT_FALSE(grown(text + more, log.keys));
    std::string crlf = text;
    for (std::size_t at = 0; (at = crlf.find('\n', at)) != std::string::npos; at += 2) crlf.replace(at, 1, "\r\n");
    EXPECT_FALSE(grown(crlf, log.keys));
}

TEST(consistency_file, of_a_rewritten_or_shorter_or_other_log_does_not_hold) {
    Prover log;
    log.begin_with_orders(6);
    const std::string older = log.note();
    const std::uint64_t size = log.records.size();
    for (std::uint8_t n = 7; n < 12; ++n) log.add(SampleLog::order(n));
    const ConsistencyFile good = log.since(older, size);
    EXPECT_EQ(grown(ConsistencyFile{good.newer, good.older, good.proof}.text(), log.keys).error().code, Code::key_invalid) << "turned round";
    EXPECT_EQ(grown(ConsistencyFile{good.older, good.newer, {}}.text(), log.keys).error().code, Code::key_invalid) << "without a proof";
    Prover other;
    other.begin_with_orders(11);
    EXPECT_EQ(grown(good.text(), other.keys).error().code, Code::key_invalid);
    log.records[3] = log.records[4];
    EXPECT_EQ(grown(log.since(older, size).text(), log.keys).error().code, Code::key_invalid) << "its past was rewritten";
}

TEST(consistency_file, of_a_log_whose_platform_ukey_was_replaced_takes_both_keys) {
    Prover log;
    log.begin_with_orders(3);
    const std::string older = log.note();
    const std::uint64_t size = log.records.size();
    log.add(SampleLog::order(4));
    TestKey next(TestKey::Type::ed25519);
    ConsistencyFile file = log.since(older, size);
    file.newer = *audit::sign_checkpoint(log.checkpoint(), next);
    const std::vector<audit::VerifierKey> later{{Prover::kOrigin, next.spki()}};
    const std::vector<audit::VerifierKey> both{later[0], log.keys[0]};
    EXPECT_TRUE(grown(file.text(), both));
    EXPECT_EQ(grown(file.text(), later).error().code, Code::key_invalid);
    EXPECT_EQ(grown(file.text(), log.keys).error().code, Code::key_invalid);
}

TEST(consistency_file, of_checkpoints_of_two_logs_does_not_hold) {
    Prover log;
    log.begin_with_orders(3);
    audit::Checkpoint elsewhere = log.checkpoint();
    elsewhere.origin = "kmp.example/other";
    const ConsistencyFile file{log.note(), *audit::sign_checkpoint(elsewhere, log.pki.checkpoint), {}};
    const std::vector<audit::VerifierKey> both{log.keys[0], {elsewhere.origin, log.pki.checkpoint.spki()}};
    EXPECT_EQ(grown(file.text(), both).error().code, Code::key_invalid);
}
