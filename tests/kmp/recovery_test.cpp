// What a restore goes by, as files: read back as it was written, and refused when it was changed.
#include "kmp/service/recovery.h"

#include <gtest/gtest.h>

#include <fstream>

#include "kmp/service/backup.h"
#include "tests/store/temporary_folder.h"

namespace {

using base::Code;
using kmp::service::Recovery;
namespace backup = kmp::service::backup;

base::UkeySerial serial(const std::string& text) { return base::UkeySerial::parse(text).value(); }

Recovery sample() {
    Recovery r;
    r.utility = "North \"Power\" \xE7\x94\xB5";
    r.anchor = {1, 2, 3};
    r.issuers = {{4, 5}};
    r.masters = {{serial("MC-1"), {1}, {2, 2}, {3, 3, 3}}, {serial("MC-2"), {}, {7}, {8}}};
    tokens::SignedQuorum q;
    q.quorum.home = serial("PF-1");
    q.quorum.generation = 2;
    q.quorum.needed = 2;
    q.quorum.officers = {{serial("OF-1"), "Wang", {1}}, {serial("OF-2"), "Zhao", {2}}};
    q.statement = q.quorum.encode();
    q.signature = {9};
    q.secret.fill(5);
    q.former = {6, 6};
    r.quorums = {q};
    r.officers = {{serial("OF-1"), {1, 1}, {2}}, {serial("OF-2"), {3}, {4, 4}}};
    return r;
}

TEST(recovery_file, is_read_as_it_was_written) {
    const auto read = Recovery::parse(sample().text(), "recovery.toml");
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->text(), sample().text());
    EXPECT_EQ(read->utility, sample().utility);
    EXPECT_EQ(read->masters[1].ukey, serial("MC-2"));
    EXPECT_EQ(read->quorums[0].quorum, sample().quorums[0].quorum);
    EXPECT_EQ(read->quorums[0].former, (base::Bytes{6, 6}));
    EXPECT_EQ(read->officers[1].share, (base::Bytes{4, 4}));
}

TEST(recovery_file, that_lacks_something_or_is_another_is_refused_by_name) {
    const std::string good = sample().text();
    const auto refused = [&](const std::string& from, const std::string& to) {
        std::string text = good;
        const std::size_t at = text.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        text.replace(at, from.size(), to);
        const auto read = Recovery::parse(text, "recovery.toml");
        if (read) return false;
        EXPECT_EQ(read.error().code, Code::malformed);
        EXPECT_EQ(read.error().message.find("recovery.toml "), 0u) << read.error().message;
        return true;
    };
    EXPECT_TRUE(refused("version = 1", "version = 2"));
    EXPECT_TRUE(refused("anchor = ", "anker = "));
    EXPECT_TRUE(refused("anchor = '010203'", "anchor = '01020x'"));
    EXPECT_TRUE(refused("'MC-1'", "'no serial at all'"));
    EXPECT_TRUE(refused("database_key", "database_kei"));
    EXPECT_TRUE(refused("secret_digest = '05", "secret_digest = '"));
    EXPECT_TRUE(refused("share", "chair"));
    for (const std::string& text : {std::string(), std::string("version = 1\nutility = 'x'\nanchor = '01'\n"), std::string("master = 3"), std::string("= ["), std::string("version = 1\nutility='x'\nanchor='01'\nmaster=[3]\n")})
        EXPECT_FALSE(Recovery::parse(text, "recovery.toml")) << text;
}

struct BackupFolder : testing::Test {
    BackupFolder() {
        write(backup::kDatabase, "the database");
        write(backup::kRecovery, "the rest");
        manifest.made = 1763791200000;
        manifest.utility = "North Power";
        manifest.origin = "kmp/North-Power/PF-1";
        manifest.events = 12;
        manifest.database = base::sha256(base::as_bytes("the database"));
        manifest.recovery = base::sha256(base::as_bytes("the rest"));
        write(backup::kManifest, manifest.text());
    }
    void write(const char* name, const std::string& text) const { std::ofstream(folder.file(name)) << text; }
    std::string path() const { return folder.file("").substr(0, folder.file("").size() - 1); }
    TemporaryFolder folder;
    backup::Manifest manifest;
};

TEST_F(BackupFolder, that_is_whole_passes) {
    const auto read = backup::check(path());
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->text(), manifest.text());
}

TEST_F(BackupFolder, of_which_a_file_was_changed_or_is_missing_is_refused) {
    write(backup::kDatabase, "the databasf");
    EXPECT_EQ(backup::check(path()).error().code, Code::tampered);
    write(backup::kDatabase, "the database");
    write(backup::kRecovery, "");
    EXPECT_EQ(backup::check(path()).error().code, Code::tampered);
    ::unlink(folder.file(backup::kRecovery).c_str());
    EXPECT_FALSE(backup::check(path()));
    write(backup::kManifest, "made = 'yesterday'");
    EXPECT_FALSE(backup::check(path()));
    ::unlink(folder.file(backup::kManifest).c_str());
    EXPECT_EQ(backup::check(path()).error().code, Code::not_found);
}

}  // namespace
