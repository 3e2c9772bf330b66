// Which masters a key set is made of, and which sets a UKEY can serve: never an older master in the place of the right one.
#include <gtest/gtest.h>

#include "kmp/service/keys_held.h"

namespace {

using kmp::service::lacking;
using kmp::service::master_warnings;
using kmp::service::newest_usable;
using kmp::service::private_keys;
using kmp::service::served_classes;
using kmp::suite::kEveryClass;
using kmp::suite::KeySets;
using model::class_bit;
using model::KeyClass;
using tokens::MasterName;

constexpr model::ClassSet kCredit = class_bit(KeyClass::credit);
constexpr model::ClassSet kRemote = class_bit(KeyClass::remote);
constexpr model::ClassSet kIdentity = class_bit(KeyClass::identity);

/// 1 of all; 2 of credit; 3 of remote; 4 of credit and identity.
KeySets four() {
    KeySets out;
    EXPECT_TRUE(out.add(kCredit));
    EXPECT_TRUE(out.add(kRemote));
    EXPECT_TRUE(out.add(kCredit | kIdentity));
    return out;
}

model::MeterNumber meter() { return model::MeterNumber::parse("000000004711").value(); }

tokens::UkeyRecord ukey(model::ClassSet granted, const std::vector<MasterName>& masters) {
    tokens::UkeyRecord out;
    out.serial = base::UkeySerial::parse("US-1").value();
    out.kind = model::UkeyKind::user;
    out.grant.emplace();
    out.grant->grant.classes = granted;
    out.masters = masters;
    return out;
}

MasterName master(KeyClass c, model::KeyVersion version) { return {c, model::KeyState::production, version}; }

TEST(key_sets, a_utility_begins_with_one_set_of_every_class) {
    const KeySets sets;
    EXPECT_EQ(sets.newest(), 1);
    for (const KeyClass c : model::kAllClasses) EXPECT_EQ(sets.master_of(c, 1), 1);
    EXPECT_FALSE(sets.has(0));
    EXPECT_FALSE(sets.has(2));
}

TEST(key_sets, a_set_uses_the_newest_master_that_was_drawn_for_a_class_up_to_it) {
    const KeySets sets = four();
    struct Line {
        KeyClass key_class;
        std::array<int, 4> in_sets;
    };
    for (const Line& line : {Line{KeyClass::control, {1, 1, 1, 1}}, Line{KeyClass::identity, {1, 1, 1, 4}}, Line{KeyClass::remote, {1, 1, 3, 3}}, Line{KeyClass::credit, {1, 2, 2, 4}}})
        for (int set = 1; set <= 4; ++set)
            EXPECT_EQ(sets.master_of(line.key_class, static_cast<model::KeyVersion>(set)), line.in_sets[static_cast<std::size_t>(set - 1)]) << model::name(line.key_class) << " in " << set;
    const auto all = sets.masters_of(3);
    EXPECT_EQ(base::to_hex(all.bytes()), "010103010201") << "control, identity, remote, parameter, credit, card";
}

TEST(key_sets, a_rotation_of_no_class_or_of_one_that_there_is_not_makes_no_set) {
    KeySets sets;
    EXPECT_FALSE(sets.add(0));
    EXPECT_FALSE(sets.add(0x40));
    EXPECT_EQ(sets.newest(), 1);
}

TEST(key_sets, there_are_at_most_255) {
    KeySets sets;
    for (int i = 2; i <= 255; ++i) ASSERT_TRUE(sets.add(kCredit));
    EXPECT_EQ(sets.newest(), 255);
    EXPECT_FALSE(sets.add(kCredit));
    EXPECT_EQ(sets.master_of(KeyClass::control, 255), 1);
    EXPECT_EQ(sets.master_of(KeyClass::credit, 255), 255);
}

/// The vault after four().
std::vector<MasterName> full_vault() {
    std::vector<MasterName> out;
    for (const KeyClass c : model::kAllClasses) out.push_back(master(c, 1));
    for (const MasterName& m : {master(KeyClass::credit, 2), master(KeyClass::remote, 3), master(KeyClass::credit, 4), master(KeyClass::identity, 4)}) out.push_back(m);
    return out;
}

void destroy(std::vector<MasterName>& vault, const std::string& expected, model::KeyVersion set) {
    const auto own = kmp::service::own_masters(four(), vault, set);
    EXPECT_EQ(kmp::service::in_words(own), expected) << "set " << static_cast<int>(set);
    for (const MasterName& m : own) std::erase(vault, m);
}

TEST(key_sets, a_set_that_ends_takes_only_the_masters_that_no_other_uses) {
    auto vault = full_vault();
    destroy(vault, "credit 1", 1);
    destroy(vault, "remote 1", 2);
    destroy(vault, "identity 1, credit 2", 3);
    EXPECT_TRUE(lacking(vault, four(), 4, kEveryClass).empty()) << "the newest is whole";
    EXPECT_EQ(vault.size(), 6u) << "and nothing else is left";
}

TEST(key_sets, a_set_in_the_middle_waits_for_the_older_ones_that_share_its_masters) {
    auto vault = full_vault();
    destroy(vault, "", 2);  // 3 uses credit 2, 1 uses remote 1
    destroy(vault, "", 3);  // 2 uses credit 2, 4 uses remote 3, 1 uses identity 1
    destroy(vault, "credit 1", 1);
    destroy(vault, "remote 1", 2);
}

TEST(key_sets, a_home_of_before_rotated_every_class_each_time) {
    const auto sets = kmp::service::key_sets_from({}, 3).value();
    EXPECT_EQ(sets.newest(), 3);
    for (const KeyClass c : model::kAllClasses) EXPECT_EQ(sets.master_of(c, 2), 2);
    EXPECT_EQ(kmp::service::key_sets_from({}, 1).value().newest(), 1);
}

TEST(key_sets, what_was_drawn_is_known_from_its_row_whatever_the_vault_still_holds) {
    // 2 is from before; 3 was of credit. The vault's newest master may be older than the newest set only by a row's word.
    const auto sets = kmp::service::key_sets_from({{3, kCredit}, {4, kRemote}}, 2).value();
    EXPECT_EQ(sets.newest(), 4);
    EXPECT_EQ(sets.master_of(KeyClass::credit, 4), 3);
    EXPECT_EQ(sets.master_of(KeyClass::remote, 4), 4);
    EXPECT_EQ(sets.master_of(KeyClass::control, 4), 2);
}

TEST(key_sets, a_row_that_names_no_classes_opens_nothing) {
    EXPECT_EQ(kmp::service::key_sets_from({{2, 0}}, 2).error().code, base::Code::tampered);
    EXPECT_EQ(kmp::service::key_sets_from({{2, 0xFF}}, 2).error().code, base::Code::tampered);
}

TEST(keys_held, a_ukey_without_the_rotated_class_serves_the_newest_set_as_it_is) {
    const auto u = ukey(kRemote | kIdentity, {master(KeyClass::remote, 1), master(KeyClass::identity, 1)});
    KeySets sets;
    ASSERT_TRUE(sets.add(kCredit));
    EXPECT_EQ(newest_usable(u, sets, served_classes(u)), 2);
    EXPECT_TRUE(private_keys(u, sets, 2, kRemote, meter()));
}

TEST(keys_held, a_ukey_that_lacks_the_new_master_never_serves_the_new_set_with_the_old_one) {
    const auto u = ukey(kCredit | kIdentity, {master(KeyClass::credit, 1), master(KeyClass::identity, 1)});
    KeySets sets;
    ASSERT_TRUE(sets.add(kCredit));
    EXPECT_EQ(newest_usable(u, sets, served_classes(u)), 1);
    const auto refused = private_keys(u, sets, 2, kCredit, meter());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, base::Code::key_missing);
    EXPECT_NE(refused.error().message.find("credit 2"), std::string::npos);
    EXPECT_NE(refused.error().message.find("kmpctl ukey inject US-1"), std::string::npos);
    // Old meters go on, and so does what takes another class.
    EXPECT_EQ(private_keys(u, sets, 1, kCredit, meter()).value().masters.of(KeyClass::credit), 1);
    EXPECT_EQ(private_keys(u, sets, 2, kIdentity, meter()).value().masters.of(KeyClass::identity), 1);
}

TEST(keys_held, a_newer_master_does_not_stand_for_an_older_one) {
    const auto u = ukey(kCredit, {master(KeyClass::credit, 2)});
    KeySets sets;
    ASSERT_TRUE(sets.add(kCredit));
    EXPECT_FALSE(private_keys(u, sets, 1, kCredit, meter()));
    EXPECT_TRUE(private_keys(u, sets, 2, kCredit, meter()));
}

TEST(keys_held, a_factory_master_is_no_private_one) {
    const auto u = ukey(kCredit, {{KeyClass::credit, model::KeyState::factory, 0}});
    EXPECT_EQ(served_classes(u), 0);
    EXPECT_EQ(newest_usable(u, KeySets(), served_classes(u)), 0);
    const auto refused = private_keys(u, KeySets(), 0, kCredit, meter());
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("ukey inject"), std::string::npos);
}

TEST(keys_held, a_version_that_there_is_not_is_refused_and_not_taken_for_the_newest) {
    const auto u = ukey(kCredit, {master(KeyClass::credit, 1)});
    const auto refused = private_keys(u, KeySets(), 2, kCredit, meter());
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("no version 2"), std::string::npos);
}

TEST(keys_held, what_is_lacking_is_named_by_class_and_version) {
    EXPECT_EQ(kmp::service::in_words(lacking({master(KeyClass::credit, 4)}, four(), 4, kCredit | kRemote | kIdentity)), "identity 4, remote 3");
    EXPECT_EQ(lacking({}, four(), 1, kEveryClass).size(), 6u);
}

tokens::UkeyRecord master(const std::string& serial, std::uint32_t generation, std::vector<MasterName> masters) {
    tokens::UkeyRecord out;
    out.serial = base::UkeySerial::parse(serial).value();
    out.kind = model::UkeyKind::master_control;
    out.state = model::UkeyState::issued;
    out.pin_generation = generation;
    out.masters = std::move(masters);
    return out;
}

const MasterName kOld{KeyClass::credit, model::KeyState::production, 1};
const MasterName kNew{KeyClass::credit, model::KeyState::production, 2};

TEST(master_control_ukeys, that_hold_the_same_and_follow_the_officers_are_not_warned_of) {
    tokens::Registry registry;
    registry.assign({master("MC-A", 2, {kOld, kNew}), master("MC-B", 2, {kNew, kOld})});
    EXPECT_TRUE(master_warnings(registry, 2).empty());
    registry.assign({master("MC-A", 0, {kOld})});
    EXPECT_TRUE(master_warnings(registry, 0).empty()) << "one person";
}

TEST(master_control_ukeys, that_lack_masters_are_warned_of) {
    tokens::Registry registry;
    registry.assign({master("MC-A", 0, {kOld, kNew}), master("MC-B", 0, {kOld})});
    const auto warnings = master_warnings(registry, 0);
    ASSERT_EQ(warnings.size(), 1u);
    EXPECT_TRUE(warnings[0].line.starts_with("master-control UKEY MC-B lacks masters")) << warnings[0].line;
    EXPECT_EQ(warnings[0].subject, "MC-B");
}

TEST(master_control_ukeys, that_follow_former_officers_are_warned_of_while_in_service) {
    tokens::Registry registry;
    registry.assign({master("MC-A", 2, {kOld}), master("MC-B", 1, {kOld})});
    ASSERT_EQ(master_warnings(registry, 2).size(), 1u);
    EXPECT_TRUE(master_warnings(registry, 2)[0].line.starts_with("master-control UKEY MC-B still opens")) << master_warnings(registry, 2)[0].line;
    registry.find(base::UkeySerial::parse("MC-B").value())->state = model::UkeyState::revoked;
    EXPECT_TRUE(master_warnings(registry, 2).empty());
}

}  // namespace
