#include "audit/filter.h"

#include <gtest/gtest.h>

#include <set>

#include "audit/search_words.h"
#include "base/ids.h"

namespace {

using audit::Ending;
using audit::Event;
using audit::EventType;
using audit::Field;
using audit::Filter;
using base::Code;

constexpr base::Millis kTime = 1'763'791'200'000;
constexpr std::array<std::uint8_t, 16> kOrder{0x01, 0x92, 0xf0, 0xc1, 0xa2, 0xb3, 0x7c, 0x4d, 0x8e, 0x5f, 0x60, 0x71, 0x82, 0x93, 0xa4, 0xb5};

Event refused_order() {
    Event e(EventType::order_refused);
    e.text(Field::actor, "uid 1000").text(Field::ukey, "U-0001").text(Field::station, "s-17").text(Field::account, "north").number(Field::meter, 12345678901);
    e.bytes(Field::order_id, kOrder).number(Field::amount, 5000).text(Field::rule, "per_day").text(Field::detail, "the cap of UKEY U-0001 is used up (老王), try Tomorrow");
    return e;
}

bool fits(const Filter& filter, const Event& event, base::Millis time = kTime) {
    const auto bytes = event.encode(7, time);
    EXPECT_TRUE(bytes) << bytes.error().message;
    return filter.matches(*audit::Record::decode(*bytes));
}

bool text_fits(const std::string& text, const Event& event = refused_order()) {
    Filter f;
    const auto set = f.set_text(text);
    EXPECT_TRUE(set) << text << ": " << set.error().message;
    return fits(f, event);
}

std::string words_of(std::string_view text) {
    std::string out;
    for (audit::WordReader reader(text); reader.next();) out.append(out.empty() ? "" : "|").append(reader.word());
    return out;
}

TEST(filter, that_is_empty_leaves_every_event) {
    EXPECT_FALSE(Filter().narrows());
    EXPECT_TRUE(fits(Filter(), refused_order()));
}

TEST(filter, keeps_to_the_times_from_and_until) {
    Filter f;
    f.from = kTime;
    f.until = kTime + 1;
    EXPECT_TRUE(fits(f, refused_order()));
    EXPECT_FALSE(fits(f, refused_order(), kTime - 1));
    EXPECT_FALSE(fits(f, refused_order(), kTime + 1));
}

/// One row for each kind: a value that the event has, and one that it has not.
struct Kind {
    const char* name;
    void (*set)(Filter&, bool right);
};
const Kind kKinds[] = {
    {"type", [](Filter& f, bool right) { f.types = {EventType::genesis, right ? EventType::order_refused : EventType::order}; }},
    {"actor", [](Filter& f, bool right) { f.actors = {right ? "uid 1000" : "uid 100"}; }},
    {"ukey", [](Filter& f, bool right) { f.ukeys = {"U-0002", right ? "U-0001" : "U-00"}; }},
    {"station", [](Filter& f, bool right) { f.stations = {right ? "s-17" : "S-17"}; }},
    {"meter", [](Filter& f, bool right) { f.meters = {1, right ? 12345678901U : 12345678902U}; }},
    {"account", [](Filter& f, bool right) { f.accounts = {right ? "north" : "south"}; }},
    {"outcome", [](Filter& f, bool right) { f.endings = {right ? Ending::refused : Ending::done}; }},
    {"order", [](Filter& f, bool right) { f.orders = {kOrder}; f.orders[0][15] ^= right ? 0 : 1; }},
    {"amount from", [](Filter& f, bool right) { f.amount_from = right ? 5000 : 5001; }},
    {"amount to", [](Filter& f, bool right) { f.amount_to = right ? 5000 : 4999; }},
    {"text", [](Filter& f, bool right) { (void)f.set_text(right ? "CAP used" : "cap unused"); }},
};

TEST(filter, each_kind_says_yes_and_no) {
    for (const Kind& kind : kKinds) {
        Filter yes, no;
        kind.set(yes, true);
        kind.set(no, false);
        EXPECT_TRUE(yes.narrows()) << kind.name;
        EXPECT_TRUE(fits(yes, refused_order())) << kind.name;
        EXPECT_FALSE(fits(no, refused_order())) << kind.name;
    }
}

TEST(filter, lets_pass_only_what_fits_in_every_kind) {
    for (const Kind& wrong : kKinds) {
        Filter f;
        for (const Kind& kind : kKinds) kind.set(f, &kind != &wrong);
        EXPECT_FALSE(fits(f, refused_order())) << wrong.name;
    }
    Filter all;
    for (const Kind& kind : kKinds) kind.set(all, true);
    EXPECT_TRUE(fits(all, refused_order()));
}

TEST(filter, by_a_value_leaves_out_events_without_it) {
    Event bare(EventType::service_started);
    bare.text(Field::version, "1");
    for (const Kind& kind : kKinds) {
        Filter f;
        kind.set(f, true);
        EXPECT_FALSE(fits(f, bare)) << kind.name;
    }
    Filter zero;
    zero.meters = {0};
    EXPECT_FALSE(fits(zero, bare));
    zero = {};
    zero.amount_to = 0;
    EXPECT_FALSE(fits(zero, bare));
}

TEST(filter, finds_a_ukey_that_acted_as_officer_too) {
    Event e(EventType::grant_set);
    e.text(Field::ukey, "U-0001").number(Field::grant_number, 2).bytes(Field::grant, std::array<std::uint8_t, 1>{1}).text(Field::officer, "O-0001");
    Filter f;
    f.ukeys = {"O-0001"};
    EXPECT_TRUE(fits(f, e));
}

TEST(filter, takes_an_outcome_from_the_field_where_there_is_one) {
    Event e(EventType::intent_concluded);
    e.value(Field::outcome, audit::Outcome::unknown).number(Field::intent, 3);
    for (const Ending wanted : {Ending::done, Ending::undone, Ending::unknown, Ending::refused}) {
        Filter f;
        f.endings = {wanted};
        EXPECT_EQ(fits(f, e), wanted == Ending::unknown) << audit::name(wanted);
    }
    EXPECT_EQ(audit::parse_ending("gone").error().code, Code::invalid_argument);
}

TEST(filter, calls_refusals_refused_and_all_else_done) {
    // docs/PROTOCOL.md, audit_list.
    const std::set<std::string> refusals{"denied", "denials_coalesced", "order_refused", "session_refused", "pin_failed", "pin_locked"};
    for (const audit::TypeInfo& type : audit::all_types()) {
        if (type.required.has(Field::outcome)) continue;
        Event e(type.type);
        for (const audit::FieldInfo& info : audit::all_fields()) {
            if (!type.required.has(info.field)) continue;
            if (audit::is_number(info.kind)) e.number(info.field, 1);
            else if (info.kind == audit::FieldKind::uuid) e.bytes(info.field, kOrder);
            else e.bytes(info.field, base::Bytes(info.field == Field::card ? 8 : 32, 'x'));
        }
        const auto bytes = e.encode(1, kTime);
        ASSERT_TRUE(bytes) << type.name << ": " << bytes.error().message;
        const auto record = audit::Record::decode(*bytes);
        ASSERT_TRUE(record) << type.name << ": " << record.error().message;
        EXPECT_EQ(audit::ending_of(*record) == Ending::refused, refusals.contains(std::string(type.name))) << type.name;
    }
}

TEST(filter, by_text_wants_every_word_somewhere_in_the_event) {
    EXPECT_TRUE(text_fits("per_day"));
    EXPECT_TRUE(text_fits("order_refused s-17 012345678901 tomorrow"));
    EXPECT_TRUE(text_fits("0192f0c1-a2b3-7c4d-8e5f-60718293a4b5"));
    EXPECT_FALSE(text_fits("tomorrow never"));
    EXPECT_FALSE(text_fits("tomo"));
    EXPECT_TRUE(text_fits("tomo*"));
    EXPECT_TRUE(text_fits("0192f0c1-a2b3-7c4d-8e5f-6071*"));
    EXPECT_FALSE(text_fits("0192f0c1-a2b3-7c4d-8e5f-6072*"));
}

TEST(filter, by_text_finds_chinese_characters_as_they_stand_together) {
    EXPECT_TRUE(text_fits("老王"));
    EXPECT_TRUE(text_fits("王"));
    EXPECT_TRUE(text_fits("王 老")) << "two words in any order";
    EXPECT_FALSE(text_fits("王老"));
    EXPECT_FALSE(text_fits("老李"));
}

TEST(filter, refuses_a_text_without_words) {
    for (const std::string text : {"", " ", "*", "revo* *", "re**", "-", "\xff", "、"}) {
        Filter f;
        EXPECT_EQ(f.set_text(text).error().code, Code::invalid_argument) << text;
    }
    std::string many;
    for (std::size_t i = 0; i <= Filter::kMaxWords; ++i) many += "w" + std::to_string(i) + " ";
    EXPECT_EQ(Filter().set_text(many).error().code, Code::invalid_argument);
}

TEST(words, are_cut_as_a_person_would) {
    EXPECT_EQ(words_of("Order 50.00 yuan, station s-17: per_day."), "order|50.00|yuan|station|s-17|per_day");
    EXPECT_EQ(words_of("10.0.0.1:7450 a--b -c- ..d"), "10.0.0.1|7450|a|b|c|d");
    EXPECT_EQ(words_of("吊销UKEY，原因：丢失"), "吊|销|ukey|原|因|丢|失");
    EXPECT_EQ(words_of("Müller \xff x"), "müller|x");
    EXPECT_EQ(words_of(""), "");
}

}  // namespace
