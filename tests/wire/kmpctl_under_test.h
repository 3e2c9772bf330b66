#pragma once
#include <gtest/gtest.h>

#include <optional>

#include "tests/wire/fake_service.h"
#include "tests/wire/run_program.h"

/// kmpctl from the outside, before a service that answers what a test can foretell.
namespace tests {

/// To each request of an officer's or an auditor's. An unseal is a wrong PIN, an account is never enabled; the log has seven events.
FakeAdminService::Answer answer_kmpctl(const wire::pb::AdminRequest& request);

class KmpctlTest : public testing::Test {
protected:
    KmpctlTest() {
        setenv("XDG_STATE_HOME", (folder_.path() + "/state").c_str(), 1);  // what kmpctl knows of logs, else in the home of whoever runs this
        std::filesystem::create_directory(folder_.path() + "/run");
        service_.emplace(folder_.path() + "/run/admin.sock", answer_kmpctl);
        spill(folder_.path() + "/pins", "246810\n135790\n");
    }
    Ran ctl(const std::string& arguments) { return run(folder_.path(), "kmpctl --home " + folder_.path() + " " + arguments + " 3<pins"); }
    wire::pb::AdminRequest last() const { return service_->requests().back(); }

    TemporaryFolder folder_;
    std::optional<FakeAdminService> service_;
};

}  // namespace tests
