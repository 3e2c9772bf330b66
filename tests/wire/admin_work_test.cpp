// What the operations of admin.sock are about: docs/PROTOCOL.md says of each whether it changes something.
#include <gtest/gtest.h>

#include <set>

#include "wire/admin_work.h"

using Request = wire::pb::AdminRequest;

TEST(AdminWork, what_changes_nothing_is_named_one_by_one_and_all_else_changes_something) {
    const std::set<std::string> harmless{"hello",        "cancel",       "status",       "standby_status", "audit_login", "audit_logout", "ukey_list",    "ukey_show",  "keys_list",  "meter_show", "meter_list",   "station_list", "account_list",
                                         "account_show", "request_list", "request_show", "quorum_show",    "crl",         "pki_show",     "audit_list",   "audit_export", "audit_prove", "audit_verify", "audit_checkpoint", "pin"};
    const auto* operations = Request::descriptor()->FindOneofByName("operation");
    std::set<std::string> found;
    for (int i = 0; i < operations->field_count(); ++i) {
        const auto* operation = operations->field(i);
        const bool changes = wire::changes_something(static_cast<Request::OperationCase>(operation->number()));
        EXPECT_EQ(changes, !harmless.contains(operation->name())) << operation->name() << ": is it new? Then it needs a line in wire/admin_work.cpp";
        if (!changes) found.insert(operation->name());
    }
    EXPECT_EQ(found, harmless) << "one that is named here is no operation any more";
}

TEST(AdminWork, a_pin_and_what_nobody_knows_are_officers_work) {
    EXPECT_EQ(wire::work_of(Request::kPin), wire::Work::officers);
    EXPECT_EQ(wire::work_of(Request::OPERATION_NOT_SET), wire::Work::officers);
}
