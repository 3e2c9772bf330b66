// kmpctl from the outside: what it does when the service's log is not the one that it knows.
#include "tests/wire/kmpctl_under_test.h"
#include "wire/failure.h"
#include "wire/known_log.h"

namespace pb = wire::pb;
using tests::lines_in;

namespace {

constexpr const char* kDamaged = "what is known of the service's log is damaged";

/// What was kept of the log is damaged: no service can prove that it goes on from there.
class kmpctl_known_log : public tests::KmpctlTest {
protected:
    kmpctl_known_log() {
        service_.reset();
        std::filesystem::remove(folder_.path() + "/run/admin.sock");
        service_.emplace(folder_.path() + "/run/admin.sock", [this](const pb::AdminRequest& r) { return answer(r); });
        std::filesystem::create_directories(folder_.path() + "/state/kmpctl");
        tests::spill(file_, "bent");
    }
    ~kmpctl_known_log() override { service_.reset(); }
    tests::FakeAdminService::Answer answer(const pb::AdminRequest& r) const {
        auto out = tests::answer_kmpctl(r);
        if (r.has_hello()) out.replies[0].mutable_hello()->set_state(state_);
        if (r.has_hello() && !version_) out.replies[0].mutable_hello()->set_version(2);
        if (r.has_audit_verify()) out.replies[0].mutable_audit_verify()->set_sound(true);
        out.hang_up = dies_ && (r.has_init() || r.has_restore());
        if (out.hang_up) out.replies.clear();
        if (refuses_ && r.has_init()) wire::set_failure(*out.replies.back().mutable_failure(), {base::Code::refused, "there is no blank UKEY"});
        return out;
    }
    bool is_aside() const {
        for (const auto& entry : std::filesystem::directory_iterator(folder_.path() + "/state/kmpctl"))
            if (entry.path().string().starts_with(file_ + ".until-")) return tests::slurp(entry.path()) == "bent" && !std::filesystem::exists(file_);
        return false;
    }

    const std::string file_ = folder_.path() + "/state/kmpctl/" + wire::KnownLog::name_for(folder_.path());
    const std::string init_ = "init --utility X --platform-reader a --master-reader b --pin-fd platform=3 --pin-fd master=3";
    std::string state_ = "open";
    bool version_ = true, dies_ = false, refuses_ = false;
};

TEST_F(kmpctl_known_log, keeps_nobody_from_looking_or_from_taking_something_away) {
    for (const char* command : {"status", "seal", "audit verify", "audit export -", "ukey suspend U-0001 --reason r", "ukey report-lost U-0001 --reason r", "ukey revoke U-0001 --reason r",
                                "account disable shop-7 --reason r", "request reject 1"}) {
        const auto ran = ctl("--pin-fd master=3 --pin-fd officer=3 " + std::string(command));
        EXPECT_EQ(ran.code, 0) << command << ran.err;
        EXPECT_TRUE(ran.err.starts_with("kmpctl: warning: " + std::string(kDamaged))) << command << ran.err;
        EXPECT_EQ(lines_in(ran.err), 1) << command << ran.err;
        EXPECT_FALSE(last().has_hello()) << command;
    }
    EXPECT_EQ(tests::slurp(file_), "bent") << "the evidence";
}

TEST_F(kmpctl_known_log, keeps_everybody_from_everything_else) {
    for (const char* command : {"ukey list", "ukey resume U-0001", "ukey unblock U-0001", "grant set U-0001 --per-day 1", "account enable shop-7", "request approve 1", "request run 2", "audit list",
                                "audit checkpoint", "backup /b", "keys rotate --reason r"}) {
        const auto ran = ctl("--pin-fd master=3 --pin-fd officer=3 --pin-fd ukey=3 " + std::string(command));
        EXPECT_EQ(ran.code, 1) << command;
        EXPECT_TRUE(ran.err.starts_with("kmpctl: " + std::string(kDamaged))) << command << ran.err;
        EXPECT_EQ(lines_in(ran.err), 1) << command << ran.err;
        EXPECT_TRUE(last().has_hello()) << command;
    }
    EXPECT_TRUE(service_->pins().empty());
}

TEST_F(kmpctl_known_log, is_not_asked_of_a_service_that_is_not_open) {
    state_ = "sealed";
    EXPECT_EQ(ctl("unseal --pin-fd platform=3").err, "kmpctl: wrong PIN: 4 tries left\n");
    EXPECT_EQ(ctl("ukey list").code, 0);
}

TEST_F(kmpctl_known_log, does_not_hide_that_the_service_speaks_another_language) {
    version_ = false;
    const auto ran = ctl("status");
    EXPECT_EQ(ran.code, 1);
    EXPECT_EQ(lines_in(ran.err), 1) << ran.err;
    EXPECT_NE(ran.err.find("speaks version 2"), std::string::npos) << ran.err;
}

TEST_F(kmpctl_known_log, stands_aside_once_another_log_was_begun_or_may_have_been) {
    state_ = "uninitialised";
    refuses_ = true;
    EXPECT_EQ(ctl(init_).err, "kmpctl: there is no blank UKEY\n");
    EXPECT_FALSE(is_aside()) << "nothing was done";
    refuses_ = false;
    dies_ = true;
    for (const std::string& command : {init_, std::string("platform replace --platform-reader b --reason x --pin-fd platform=3 --pin-fd master=3")}) {
        tests::spill(file_, "bent");
        const auto cut_off = ctl(command);
        EXPECT_EQ(cut_off.code, 1);
        EXPECT_EQ(lines_in(cut_off.err), 1) << cut_off.err;
        EXPECT_NE(cut_off.err.find("it may have been done: start kmpd again, and look at 'kmpctl status'; what kmpctl knew of the log before stands in " + file_ + ".until-"), std::string::npos) << cut_off.err;
        EXPECT_TRUE(is_aside());
    }
    dies_ = false;
    tests::spill(file_, "bent");
    EXPECT_NE(ctl(init_).err.find("What kmpctl knew of the log before stands in " + file_), std::string::npos);
    EXPECT_TRUE(is_aside());
}

}  // namespace
