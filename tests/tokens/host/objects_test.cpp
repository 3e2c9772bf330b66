#include "tokens/host/objects.h"

#include <gtest/gtest.h>

#include "tokens/host/injection.h"
#include "tokens/host/operations.h"
#include "tokens/host/x509.h"

namespace {

using namespace tokens::host;

TEST(objects, a_master_is_found_again_by_its_label) {
    const MasterId id{model::KeyClass::credit, model::KeyState::production, 255};
    EXPECT_EQ(label_of(id), "kmp:master:5:1:255");
    EXPECT_EQ(master_of_label("kmp:master:5:1:255"), id);
}

TEST(objects, labels_that_we_would_not_write_are_no_masters) {
    for (const char* bad : {"kmp:master:5:1:256", "kmp:master:5:1:0", "kmp:master:5:0:1", "kmp:master:0:1:1", "kmp:master:7:1:1", "kmp:master:5:1:01",
                            "kmp:master:5:1:1 ", "kmp:master:5:1:", "kmp:master:5:1", "kmp:key:identity", ""})
        EXPECT_FALSE(master_of_label(bad)) << bad;
}

TEST(objects, the_kind_of_a_ukey_is_read_from_its_identity_key) {
    EXPECT_EQ(kind_of_identity(base::as_bytes(key_id(model::UkeyKind::master_control, kIdentity))), model::UkeyKind::master_control);
    for (const char* bad : {"kmp/v1/user/transport", "kmp/v1/wizard/identity", "kmp/v1//identity", "user/identity", ""})
        EXPECT_FALSE(kind_of_identity(base::as_bytes(bad))) << bad;
}

TEST(injection, the_signed_bytes_are_those_of_the_layout) {
    base::Digest digest;
    digest.fill(0xAA);
    const base::Bytes ciphertext{1, 2, 3};
    // By hand from the layout in injection.h.
    EXPECT_EQ(base::to_hex(injection_bytes("U-1", digest, {model::KeyClass::credit, model::KeyState::production, 7}, ciphertext, base::Bytes{9, 8, 7, 6, 5, 4, 3, 2})),
              "02" "0003552d31" "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" "05" "01" "07" "0003010203" "0908070605040302");
    EXPECT_EQ(base::as_text(statement_bytes("injection", base::as_bytes("x"))), std::string_view("kmp/v1/injection\0x", 18));
}

TEST(rules, every_operation_of_the_schema_has_one) {
    const auto* fields = pb::HostRequest::descriptor()->FindOneofByName("operation");
    ASSERT_NE(fields, nullptr);
    EXPECT_EQ(static_cast<std::size_t>(fields->field_count()), rules().size());
    for (int i = 0; i < fields->field_count(); ++i) {
        int found = 0;
        for (const Rule& rule : rules()) found += static_cast<int>(rule.operation) == fields->field(i)->number() ? 1 : 0;
        EXPECT_EQ(found, 1) << fields->field(i)->name();
    }
}

TEST(rules, control_work_is_for_key_ukeys_alone) {
    for (const Rule& rule : rules()) {
        if (rule.operation == pb::HostRequest::kKeyUpdate) {
            EXPECT_EQ(rule.kinds, bit(model::UkeyKind::key));
        }
    }
}

TEST(x509, garbage_is_no_structure_and_no_certificate) {
    for (const base::Bytes& bytes : {base::Bytes{}, base::Bytes{0x30}, base::Bytes{0x30, 0x00}, base::Bytes(2000, 0x30)}) {
        EXPECT_EQ(recognise(bytes), Tbs::other);
        EXPECT_FALSE(read_certificate(bytes));
        EXPECT_FALSE(ecdsa_holds(bytes, bytes, bytes));
    }
}

}  // namespace
