// Who may ask for what on admin.sock: for every operation of the schema, from lists that stand here.
#include <gtest/gtest.h>

#include <set>

#include "kmp/service/desk_rules.h"

namespace {

using kmp::service::may_ask;
using kmp::service::Seat;
using Request = wire::pb::AdminRequest;

std::set<std::string> allowed(Seat seat, bool auditor_only) {
    std::set<std::string> out;
    const auto* operations = Request::descriptor()->FindOneofByName("operation");
    for (int i = 0; i < operations->field_count(); ++i) {
        const auto status = may_ask(seat, auditor_only, static_cast<Request::OperationCase>(operations->field(i)->number()));
        if (status) out.insert(operations->field(i)->name());
        else EXPECT_EQ(status.error().code, base::Code::denied);
    }
    return out;
}

std::set<std::string> all() {
    std::set<std::string> out;
    const auto* operations = Request::descriptor()->FindOneofByName("operation");
    for (int i = 0; i < operations->field_count(); ++i) out.insert(operations->field(i)->name());
    return out;
}

}  // namespace

TEST(desk, answers_a_member_of_the_auditors_group_nothing_but_the_status_and_the_login) {
    EXPECT_EQ(allowed(Seat::group, false), (std::set<std::string>{"hello", "cancel", "status", "audit_login", "audit_logout"}));
    EXPECT_EQ(allowed(Seat::group, true), allowed(Seat::group, false));
}

TEST(desk, lets_an_auditor_read_and_change_nothing) {
    const std::set<std::string> reading{"hello",        "cancel", "status",       "standby_status", "ukey_list",    "ukey_show",    "keys_list",  "meter_show", "meter_list",  "station_list",     "account_list", "account_show",
                                        "request_list", "request_show", "quorum_show",    "audit_list",   "audit_export", "audit_checkpoint", "audit_prove", "audit_verify", "audit_logout", "crl",          "pki_show"};
    EXPECT_EQ(allowed(Seat::auditor, false), reading);
    EXPECT_EQ(allowed(Seat::auditor, true), reading);
}

TEST(desk, tells_an_auditor_what_is_archived_and_archives_nothing_for_one) {
    Request request;
    request.mutable_audit_archive()->set_folder("/srv/archive");
    EXPECT_EQ(may_ask(Seat::auditor, false, request).error().code, base::Code::denied);
    request.mutable_audit_archive()->set_list(true);
    for (const bool auditor_only : {false, true}) {
        EXPECT_TRUE(may_ask(Seat::auditor, auditor_only, request));
        EXPECT_TRUE(may_ask(Seat::service, auditor_only, request));
        EXPECT_EQ(may_ask(Seat::group, auditor_only, request).error().code, base::Code::denied);
    }
    request.mutable_audit_archive()->set_list(false);
    request.mutable_audit_archive()->set_only_tell(true);
    EXPECT_TRUE(may_ask(Seat::auditor, false, request));
}

TEST(desk, shows_the_log_to_auditors_alone_where_that_is_wanted) {
    EXPECT_EQ(allowed(Seat::service, false), all());
    std::set<std::string> rest = all();
    for (const char* name : {"audit_list", "audit_export", "audit_prove", "audit_verify"}) rest.erase(name);
    EXPECT_EQ(allowed(Seat::service, true), rest);
}
