// What people read for names, numbers and errors.
#include <gtest/gtest.h>

#include "audit/types.h"
#include "model/approval.h"
#include "model/operation.h"
#include "model/ukey.h"
#include "tests/ui/marked.h"
#include "ui/parts/caller.h"
#include "ui/parts/words.h"

using namespace ui::parts;

TEST(Words, a_name_of_others_never_hides_a_line_or_a_turn_in_it) {
    EXPECT_EQ(text("Han\u2028Sound: all events are there"), QStringLiteral("Han\uFFFDSound: all events are there"));
    for (const char* hidden : {"\u2029", "\u202A", "\u202E", "\u2066", "\u2069", "\u200B", "\u200F", "\u061C", "\x1B", "\x7F", "\r"}) EXPECT_EQ(text(std::string("a") + hidden + "b"), QStringLiteral("a\uFFFDb")) << hidden;
    EXPECT_EQ(text("\u97E9\u6885\u6885 \u2013 \u201CO\u2019Neill\u201D"), QStringLiteral("\u97E9\u6885\u6885 \u2013 \u201CO\u2019Neill\u201D"));
}

TEST(Words, every_type_of_event_of_the_log_has_a_word) {
    const auto known = event_types();
    int types = 0;
    for (std::uint16_t i = 1; i < 1000; ++i) {
        const std::string_view name = audit::name(static_cast<audit::EventType>(i));
        if (name.empty() || name == "?") continue;
        ++types;
        EXPECT_NE(std::ranges::find(known, name), known.end()) << name;
        EXPECT_NE(event_word(name), text(name)) << name << " is shown as programs call it";
    }
    EXPECT_EQ(static_cast<std::size_t>(types), known.size());
}

TEST(Words, every_kind_state_and_operation_has_a_word_and_a_stranger_keeps_its_name) {
    for (std::uint64_t i = 1; i <= 6; ++i) EXPECT_NE(kind_word(model::name(*model::ukey_kind_from(i))), text(model::name(*model::ukey_kind_from(i))));
    for (unsigned i = 0; i < model::kOperationCount; ++i) {
        const auto op = model::operation_from(i);
        ASSERT_TRUE(op);
        const bool same = model::name(*op) == "recharge" || model::name(*op) == "refund";
        EXPECT_EQ(operation_word(model::name(*op)) == text(model::name(*op)), same) << model::name(*op);
    }
    EXPECT_EQ(kind_word("seventh"), QStringLiteral("seventh"));
}

TEST(Words, a_files_name_stays_on_one_line) { EXPECT_EQ(file_text(QStringLiteral("log\nSound: all\u202Eof it")), QStringLiteral("log\uFFFDSound: all\uFFFDof it")); }

TEST(Words, every_deed_has_a_word) {
    for (int i = 0; i < 256; ++i) {
        const auto name = model::name(static_cast<model::Deed>(i));
        if (name == "?") continue;
        EXPECT_NE(deed_word(name), text(name)) << name;
    }
}

TEST(Words, a_ukey_is_erased_and_every_action_on_one_has_a_word) {
    EXPECT_EQ(action_word("destroy"), QStringLiteral("erase"));
    EXPECT_EQ(state_word("destroyed"), QStringLiteral("erased"));
    const Marked words("words");
    for (int i = 0; i < 256; ++i) {
        const auto name = model::name(static_cast<model::UkeyAction>(i));
        if (name == "?") continue;
        EXPECT_TRUE(action_word(name).startsWith('<')) << name;
    }
}

TEST(Words, every_code_of_an_error_has_a_word) {
    const Marked words("words");
    for (int i = 0; i <= static_cast<int>(base::Code::internal); ++i) {
        const auto name = base::name(static_cast<base::Code>(i));
        EXPECT_TRUE(code_word(name).startsWith('<')) << name;
    }
    EXPECT_EQ(code_word("of_tomorrow"), QStringLiteral("of_tomorrow"));
}

TEST(Words, who_asked_is_a_person_of_this_computer_and_not_a_process) {
    EXPECT_EQ(caller_word("uid 0 (pid 4711)"), QStringLiteral("root on this computer"));
    EXPECT_EQ(caller_word("uid 1 (pid 4711)"), QStringLiteral("daemon on this computer"));
    EXPECT_EQ(caller_word("uid 4294967000 (pid 4711)"), QStringLiteral("user 4294967000 of this computer"));
    for (const char* other : {"203.0.113.7:50112 over TLS", "uid 0 (pid 4711) and more", "uid 99999999999 (pid 1)", ""}) EXPECT_EQ(caller_word(other), QString(other));
}

TEST(Words, money_is_grouped_and_exact) {
    EXPECT_EQ(yuan(0), QStringLiteral("0.00"));
    EXPECT_EQ(yuan(123456789), QStringLiteral("1,234,567.89"));
    EXPECT_EQ(meter_number(42), QStringLiteral("000000000042"));
}

TEST(Words, lengths_of_time_are_told_in_their_largest_unit) {
    EXPECT_EQ(duration(59 * base::kSecond), QStringLiteral("59 s"));
    EXPECT_EQ(duration(61 * base::kSecond), QStringLiteral("1 min"));
    EXPECT_EQ(duration(47 * base::kHour), QStringLiteral("47 h"));
    EXPECT_EQ(duration(49 * base::kHour), QStringLiteral("2 d"));
    EXPECT_EQ(from_now(1000 * base::kDay, 988 * base::kDay), QStringLiteral("in 12 d"));
}

TEST(Words, a_grant_is_told_in_sentences) {
    wire::pb::GrantTerms terms;
    terms.set_station("north");
    terms.add_operations("recharge");
    terms.add_classes("credit");
    auto* range = terms.add_meters();
    range->set_first(1);
    range->set_last(99);
    terms.set_per_order_fen(200000);
    terms.set_per_day_fen(5000000);
    terms.set_per_month_fen(100000000);
    terms.set_hours(0x0003FF00);
    const QStringList said = grant_sentences(terms);
    EXPECT_TRUE(said.contains(QStringLiteral("For station north")));
    EXPECT_TRUE(said.contains(QStringLiteral("May recharge")));
    EXPECT_TRUE(said.contains(QStringLiteral("For meters 000000000001–000000000099")));
    EXPECT_TRUE(said.contains(QStringLiteral("At most 2,000.00 yuan an order, 50,000.00 a day, 1,000,000.00 a month")));
    EXPECT_TRUE(said.contains(QStringLiteral("From 08:00–18:00 of the utility's day")));
}

TEST(Words, a_grant_without_meters_is_for_none_and_one_that_initialises_wallets_tells_its_caps) {
    wire::pb::GrantTerms terms;
    terms.add_operations("initialise_wallet");
    terms.set_per_order_fen(100);
    const QString said = grant_line(terms);
    EXPECT_TRUE(said.contains(QStringLiteral("For no meter"))) << said.toStdString();
    EXPECT_TRUE(said.contains(QStringLiteral("1.00 yuan an order"))) << said.toStdString();
}

TEST(Words, every_error_says_what_it_means_and_what_to_do) {
    for (int i = 0; i <= static_cast<int>(base::Code::internal); ++i) {
        const Explained e = explain({static_cast<base::Code>(i), "the line", 0});
        EXPECT_FALSE(e.meaning.isEmpty()) << i;
        EXPECT_FALSE(e.advice.isEmpty()) << i;
        EXPECT_EQ(e.line, QStringLiteral("the line"));
    }
}
