// The program as its user starts it: exit codes, what it prints, and where.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <vector>

#include "audit/consistency_file.h"
#include "audit/event.h"
#include "audit/text.h"
#include "base/fd.h"
#include "tests/audit/logged.h"
#include "tests/audit/sample_log.h"

namespace {

struct Ended {
    int code = -1;
    std::string out;
    std::string err;
};

class KmpAudit : public ::testing::Test {
protected:
    void SetUp() override {
        log.begin_with_orders(3);
        write("export", log.exported());
        write("anchor.pem", base::to_bytes(base::as_bytes(log.pki.anchor.pem())));
        write("note", base::to_bytes(base::as_bytes(log.note())));
    }
    void write(const std::string& name, const base::Bytes& bytes) { ASSERT_TRUE(base::write_file_atomically(folder.file(name), bytes, 0600)); }
    struct Range {
        const char* name;
        std::uint64_t first, end;
    };
    /// Exports of one log of 300 records.
    void write_ranges(const std::vector<Range>& ranges) {
        Logged logged;
        SampleLog whole;
        logged.take(whole, 300);
        for (const Range& r : ranges) write(r.name, logged.exported(whole, r.first, r.end));
    }
    /// Words that begin with '@' are files of the test's folder.
    Ended run(const std::string& words) {
        std::string command = std::string(KMP_BIN_DIR) + "/kmp-audit ";
        for (char c : words) command += c == '@' ? folder.file("") : std::string(1, c);
        command += " 2>" + folder.file("err");
        Ended out;
        FILE* pipe = popen(command.c_str(), "r");
        std::array<char, 4096> chunk;
        while (const std::size_t n = fread(chunk.data(), 1, chunk.size(), pipe)) out.out.append(chunk.data(), n);
        const int status = pclose(pipe);
        out.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        out.err = base::to_string(*base::read_file(folder.file("err"), 100'000));
        return out;
    }
    TemporaryFolder folder;
    SampleLog log;
};

}  // namespace

TEST_F(KmpAudit, finds_a_sound_log_sound) {
    const Ended r = run("verify @export --certificate @anchor.pem --checkpoint @note");
    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_NE(r.out.find("verdict     sound"), std::string::npos) << r.out;
    EXPECT_NE(r.out.find("order                3"), std::string::npos) << r.out;
    EXPECT_NE(r.out.find("platform UKEY P1"), std::string::npos);
    EXPECT_EQ(r.out.find("taken from the export"), std::string::npos);
    EXPECT_NE(r.out.find(base::to_hex(log.pki.anchor.fingerprint()) + ", as it was given\n"), std::string::npos) << r.out;
    EXPECT_NE(r.out.find("kept        the checkpoint given is over " + std::to_string(log.records.size()) + " records: the log still holds all of them\n"), std::string::npos) << r.out;
    EXPECT_EQ(r.err, "");
    EXPECT_NE(run("verify @export").out.find("kept        no checkpoint was given (--checkpoint)"), std::string::npos);
}

TEST_F(KmpAudit, says_that_it_took_the_anchor_from_the_file) {
    const Ended r = run("verify @export");
    EXPECT_EQ(r.code, 0);
    EXPECT_NE(r.out.find("taken from the export itself"), std::string::npos);
    EXPECT_NE(r.out.find(base::to_hex(log.pki.anchor.fingerprint())), std::string::npos);
}

TEST_F(KmpAudit, prints_one_json_document) {
    const Ended r = run("verify @export --json");
    EXPECT_EQ(r.code, 0);
    const auto json = nlohmann::json::parse(r.out);
    EXPECT_EQ(json["sound"], true);
    EXPECT_EQ(json["size"], 7);
    EXPECT_EQ(json["counts"]["order"], 3);
    EXPECT_EQ(json["root"], base::to_hex(log.checkpoint().root));
    EXPECT_EQ(json["findings"].size(), 0u);
}

TEST_F(KmpAudit, names_the_record_of_each_finding_and_exits_1) {
    log.add(SampleLog::order(3));
    write("bad", log.exported());
    const Ended r = run("verify @bad --certificate @anchor.pem");
    EXPECT_EQ(r.code, 1);
    EXPECT_NE(r.out.find("finding     record 7: count:"), std::string::npos) << r.out;
    EXPECT_NE(r.out.find("finding     record 7: duplicate: the same order as record 6"), std::string::npos) << r.out;
    EXPECT_NE(r.out.find("verdict     NOT SOUND"), std::string::npos);
    EXPECT_EQ(std::count(r.err.begin(), r.err.end(), '\n'), 1) << r.err;
    const auto json = nlohmann::json::parse(run("verify @bad --json").out);
    EXPECT_EQ(json["sound"], false);
    EXPECT_EQ(json["findings"][0]["index"], 7);
}

TEST_F(KmpAudit, says_where_each_kind_of_damage_is) {
    const base::Bytes good = log.exported();
    const auto place = [&](std::size_t record) {
        const auto found = std::search(good.begin(), good.end(), log.records[record].begin(), log.records[record].end());
        return static_cast<std::size_t>(found - good.begin());
    };
    const auto told = [&](base::Bytes bytes) {
        write("bad", bytes);
        const Ended r = run("verify @bad --certificate @anchor.pem");
        EXPECT_EQ(r.code, 1);
        return r.out;
    };
    const auto expect = [&](const base::Bytes& bytes, const std::string& words) {
        const std::string out = told(bytes);
        EXPECT_NE(out.find(words), std::string::npos) << out;
    };
    const auto from = [&](std::size_t record) { return good.begin() + static_cast<std::ptrdiff_t>(place(record) - 2); };
    base::Bytes bytes = good;
    bytes[place(5) + log.records[5].size() - 1] ^= 2;  // of the grant's number: well formed, and another order
    expect(bytes, "finding     record 5: changed: record 5 was changed");
    bytes = good;
    bytes[place(5) - 1] ^= 1;
    expect(bytes, "record 5: frame: the length in front of record 5 was changed");
    bytes.assign(good.begin(), from(5));
    bytes.insert(bytes.end(), from(6), good.end());
    expect(bytes, "record 5 is missing");
    bytes.assign(good.begin(), from(6));
    bytes.insert(bytes.end(), from(5), good.end());
    expect(bytes, "record 5 stands twice");
    bytes.assign(good.begin(), from(5));
    bytes.insert(bytes.end(), from(6), from(6) + static_cast<std::ptrdiff_t>(2 + log.records[6].size()));
    bytes.insert(bytes.end(), from(5), from(6));
    bytes.insert(bytes.end(), from(6) + static_cast<std::ptrdiff_t>(2 + log.records[6].size()), good.end());
    expect(bytes, "record 5 stands behind record 6: moved there");
    expect(base::Bytes(good.begin(), from(6)), "the export was cut off (after record 6)");
    TestKey stranger(TestKey::Type::ed25519);
    expect(log.exported(log.head(), *audit::sign_checkpoint(log.checkpoint(), stranger)), "is not signed by the expected key");
}

TEST_F(KmpAudit, takes_several_files_as_one_log_in_any_order) {
    write_ranges({{"one", 0, 256}, {"two", 256, 300}});
    const Ended r = run("verify @two @one");
    EXPECT_EQ(r.code, 0) << r.out << r.err;
    EXPECT_NE(r.out.find("records     300\n"), std::string::npos) << r.out;
    const Ended alone = run("verify @two");
    EXPECT_EQ(alone.code, 0);
    EXPECT_NE(alone.out.find("records     256 up to 300; the rules need a whole export and were not replayed"), std::string::npos) << alone.out;
    const Ended twice = run("verify @one @two @one");
    EXPECT_EQ(twice.code, 1);
    EXPECT_NE(twice.out.find("they overlap"), std::string::npos) << twice.out;
    EXPECT_NE(twice.err.find("3 files: "), std::string::npos) << twice.err;
}

TEST_F(KmpAudit, reads_standard_input) { EXPECT_EQ(run("verify - <@export").code, 0); }

TEST_F(KmpAudit, refuses_another_anchor_or_checkpoint) {
    SampleLog other;
    other.begin();
    write("other.pem", base::to_bytes(base::as_bytes(other.pki.anchor.pem())));
    write("other-note", base::to_bytes(base::as_bytes(other.note())));
    EXPECT_EQ(run("verify @export --certificate @other.pem").code, 1);
    EXPECT_EQ(run("verify @export --checkpoint @other-note").code, 1);
    EXPECT_EQ(run("verify @export --certificate @note").code, 1) << "no certificate at all";
    const Ended no_note = run("verify @export --checkpoint @anchor.pem");
    EXPECT_EQ(no_note.code, 1);
    EXPECT_NE(no_note.err.find("anchor.pem holds no checkpoint"), std::string::npos) << no_note.err;
}

TEST_F(KmpAudit, fails_with_one_line_for_a_file_that_is_not_there) {
    const Ended r = run("verify @none");
    EXPECT_EQ(r.code, 1);
    EXPECT_EQ(std::count(r.err.begin(), r.err.end(), '\n'), 1) << r.err;
    EXPECT_EQ(run("verify @anchor.pem").code, 1) << "not an export";
}

TEST_F(KmpAudit, wrong_usage_is_2_and_one_line) {
    for (const char* words : {"", "verify", "verify @export --nonsense", "tea", "verify ''", "verify @export --checkpoint ''", "verify @export --certificate ''",
                              "verify @export --checkpoint=", "diff @export"}) {
        const Ended r = run(words);
        EXPECT_EQ(r.code, 2) << words;
        EXPECT_EQ(std::count(r.err.begin(), r.err.end(), '\n'), 1) << r.err;
        EXPECT_TRUE(r.err.starts_with("kmp-audit: ")) << r.err;
        EXPECT_EQ(r.out, "") << words;
    }
    EXPECT_EQ(run("--help").code, 0);
    EXPECT_EQ(run("--version").out, "kmp 0.1.0\n");
}

TEST_F(KmpAudit, an_empty_file_is_no_checkpoint_and_no_certificate) {
    write("nothing", {});
    for (const char* option : {"--checkpoint", "--certificate"}) {
        const Ended r = run(std::string("verify @export ") + option + " @nothing");
        EXPECT_EQ(r.code, 1) << option;
        EXPECT_EQ(r.out, "") << "no verdict without the check that was asked for";
        EXPECT_EQ(std::count(r.err.begin(), r.err.end(), '\n'), 1) << r.err;
    }
}

TEST_F(KmpAudit, says_in_one_line_that_a_file_is_no_export) {
    write("nothing", {});
    for (const char* file : {"@anchor.pem", "@nothing"}) {
        const Ended r = run(std::string("verify ") + file);
        EXPECT_EQ(r.code, 1);
        EXPECT_EQ(r.out, "");
        EXPECT_TRUE(r.err.ends_with(": not an audit export\n")) << r.err;
    }
}

TEST_F(KmpAudit, prints_what_a_file_says_of_itself_clean_and_on_its_line) {
    audit::ExportHead head = log.head();
    head.origin = "x\x1b[2J\nverdict     sound\n\xFF";
    write("evil", log.exported(head, log.note()));
    const Ended r = run("verify @evil");
    EXPECT_EQ(r.code, 1);
    EXPECT_TRUE(audit::is_clean_text(r.out)) << r.out;
    EXPECT_NE(r.out.find("log         x?[2J verdict     sound ?\n"), std::string::npos) << r.out;
    EXPECT_EQ(r.out.find("\nverdict     sound"), std::string::npos) << r.out;
}

TEST_F(KmpAudit, fails_when_standard_output_takes_nothing) {
    for (const char* words : {"verify @export", "verify @export --json", "diff @export @export", "--help"}) {
        const Ended r = run(std::string(words) + " >/dev/full");
        EXPECT_EQ(r.code, 1) << words;
        EXPECT_EQ(r.err, "kmp-audit: standard output takes no text\n");
    }
}

TEST_F(KmpAudit, takes_json_before_the_command_as_after_it) {
    const auto told = [&](const std::string& words) {
        auto out = nlohmann::json::parse(run(words).out);
        EXPECT_EQ(out.erase("signature_ms"), 1u) << "a time, which is never the same";
        return out;
    };
    EXPECT_EQ(told("--json verify @export"), told("verify @export --json"));
    EXPECT_EQ(nlohmann::json::parse(run("--json diff @export @export").out)["extends"], true);
}

TEST_F(KmpAudit, tells_whether_a_log_extends_an_older_one) {
    log.add(SampleLog::order(4));
    write("newer", log.exported());
    EXPECT_EQ(run("diff @export @newer").code, 0);
    EXPECT_EQ(nlohmann::json::parse(run("diff @export @newer --json").out)["newer_size"], 8);
    EXPECT_EQ(run("diff @export @export").code, 0);
    const Ended shorter = run("diff @newer @export");
    EXPECT_EQ(shorter.code, 1);
    EXPECT_NE(shorter.err.find("fewer than"), std::string::npos);
    log.records[5] = *SampleLog::order(9).encode(5, kDayOne);
    write("other", log.exported());
    const Ended other = run("diff @export @other");
    EXPECT_EQ(other.code, 1);
    EXPECT_NE(other.err.find("at record 5"), std::string::npos);
    EXPECT_EQ(run("diff @export @anchor.pem").code, 1);
}

TEST_F(KmpAudit, compares_exports_from_where_both_of_them_begin) {
    write_ranges({{"whole", 0, 280}, {"early", 0, 200}, {"later", 256, 300}});
    const Ended r = run("diff @whole @later");
    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_NE(r.out.find("by 20 records; from record 256 on"), std::string::npos) << r.out;
    EXPECT_NE(run("diff @later @whole").err.find("has 280 records, fewer than the 300"), std::string::npos);
    EXPECT_NE(run("diff @early @later").err.find("they share no record"), std::string::npos);
}

TEST_F(KmpAudit, takes_the_proof_of_one_event_out_of_an_export_and_checks_it) {
    const std::string key = *audit::verifier_key(SampleLog::kOrigin, log.pki.checkpoint.spki());
    write("key", base::to_bytes(base::as_bytes(key + "\n")));
    for (int i = 0; i < 7; ++i) {
        const Ended made = run("prove @export " + std::to_string(i) + " -o @proof");
        EXPECT_EQ(made.code, 0) << made.err;
        EXPECT_NE(made.out.find(key), std::string::npos) << "the key, to be compared";
        const Ended checked = run("verify-proof @proof --key @key");
        EXPECT_EQ(checked.code, 0) << checked.err;
        EXPECT_TRUE(checked.out.starts_with("Record " + std::to_string(i) + ", leaf hash ")) << checked.out;
        const auto record = *audit::Record::decode(log.records[static_cast<std::size_t>(i)]);
        EXPECT_NE(checked.out.find(audit::to_text(record)), std::string::npos) << checked.out;
        const auto json = nlohmann::json::parse(run("verify-proof @proof --key @key --json").out);
        EXPECT_EQ(json["kind"], "event");
        EXPECT_EQ(json["text"], audit::to_text(record));
        EXPECT_EQ(json["event"], nlohmann::json::parse(audit::to_json(record)));
    }
    EXPECT_EQ(run("prove - 4 <@export").out, run("prove @export 4").out);
    EXPECT_EQ(run("verify-proof @proof --key @key --leaf-hash " + base::to_hex(audit::leaf_hash(log.records[6]))).code, 0);
    for (const std::string& no : {std::string("prove @export 7"), std::string("prove @anchor.pem 0"), std::string("prove @none 0"), std::string("prove @export 1 --json"), std::string("verify-proof @anchor.pem --key @key"),
                                  std::string("verify-proof @proof --key @note"), std::string("verify-proof @proof --key @key --leaf-hash ") + std::string(64, '0')}) {
        const Ended r = run(no);
        EXPECT_EQ(r.code, 1) << no;
        EXPECT_EQ(std::count(r.err.begin(), r.err.end(), '\n'), 1) << r.err;
        EXPECT_EQ(r.out, "") << no;
    }
    EXPECT_EQ(run("verify-proof @proof").code, 2) << "without a key";
    EXPECT_EQ(run("prove @export").code, 2);
}

TEST_F(KmpAudit, checks_that_a_log_only_grew) {
    const std::string older = log.note();
    for (std::uint8_t n = 4; n < 9; ++n) log.add(SampleLog::order(n));
    // RFC 9162 2.1.4.1 for 7 in 12: nodes over [6, 7), [7, 8), [4, 6), [0, 4) and [8, 12)
    const auto over = [&](std::size_t begin, std::size_t end) {
        audit::Frontier tree;
        for (std::size_t i = begin; i < end; ++i) tree.append(audit::leaf_hash(log.records[i]));
        return tree.root();
    };
    const audit::ConsistencyFile file{older, log.note(), {over(6, 7), over(7, 8), over(4, 6), over(0, 4), over(8, 12)}};
    write("growth", base::to_bytes(base::as_bytes(file.text())));
    const std::string key = *audit::verifier_key(SampleLog::kOrigin, log.pki.checkpoint.spki());
    const Ended good = run("verify-proof @growth --key '" + key + "'");
    EXPECT_EQ(good.code, 0) << good.err;
    EXPECT_EQ(good.out, "The log kmp.example/test of 12 records holds all that it held when it had 7: nothing of that was changed, removed or put in between.\n");
    const auto json = nlohmann::json::parse(run("verify-proof @growth --json --key '" + key + "'").out);
    EXPECT_EQ(json["older_size"], 7);
    EXPECT_EQ(json["newer_size"], 12);
    EXPECT_EQ(run("verify-proof @growth --leaf-hash 00 --key '" + key + "'").code, 1);
    const std::string other = *audit::verifier_key(SampleLog::kOrigin, TestKey(TestKey::Type::ed25519).spki());
    EXPECT_EQ(run("verify-proof @growth --key '" + other + "'").code, 1);
    EXPECT_EQ(run("verify-proof @growth --key '" + other + "' --key '" + key + "'").code, 0) << "one of several";
}
