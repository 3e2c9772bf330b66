#include "audit/event.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "audit/text.h"
#include "model/grant.h"
#include "model/keys.h"
#include "model/operation.h"
#include "model/ukey.h"

namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using audit::FieldKind;
using audit::Record;
using base::Code;

/// A value of the right kind for a field.
void put_any(Event& event, const audit::FieldInfo& info) {
    switch (info.kind) {
        case FieldKind::text: event.text(info.field, "some text"); return;
        case FieldKind::uuid: event.bytes(info.field, base::Uuid::make_v7(1'700'000'000'000).raw()); return;
        case FieldKind::digest: event.bytes(info.field, base::sha256(base::as_bytes("x"))); return;
        case FieldKind::bytes: event.bytes(info.field, base::as_bytes("\x01\x02")); return;
        case FieldKind::time: event.time(info.field, 1'700'000'000'123); return;
        case FieldKind::number:
        case FieldKind::fen:
        case FieldKind::meter:
        case FieldKind::customer:
        case FieldKind::operation:
        case FieldKind::ukey_kind:
        case FieldKind::ukey_state:
        case FieldKind::ukey_action:
        case FieldKind::account_change:
        case FieldKind::key_state:
        case FieldKind::classes:
        case FieldKind::outcome:
        case FieldKind::relay:
        case FieldKind::day_offset:
        case FieldKind::order_kind:
        case FieldKind::channel:
        case FieldKind::identifier:
        case FieldKind::flag: event.number(info.field, 1); return;
    }
}

Event full(const audit::TypeInfo& type, bool required_only) {
    Event event(type.type);
    for (const audit::FieldInfo& field : audit::all_fields())
        if ((required_only ? type.required : type.allowed).has(field.field)) put_any(event, field);
    return event;
}

Event an_order() {
    Event e(EventType::order);
    e.text(Field::station, "s-1").text(Field::ukey, "U1").bytes(Field::order_id, *base::from_hex("0192f0c1a2b37c4d8e5f60718293a4b5"));
    e.value(Field::operation, model::Operation::recharge).number(Field::meter, 12345678901).number(Field::customer, 77).number(Field::amount, 5000);
    e.number(Field::count, 3).bytes(Field::content_hash, base::sha256(base::as_bytes("content"))).number(Field::grant_number, 1);
    return e;
}

}  // namespace

TEST(event, table_numbers_and_names_are_used_once) {
    for (const auto& a : audit::all_types()) {
        EXPECT_EQ(audit::find_type(static_cast<std::uint16_t>(a.type)), &a);
        EXPECT_EQ(*audit::parse_event_type(a.name), a.type);
        EXPECT_TRUE(a.allowed.holds(a.required)) << a.name;
    }
    std::set<std::string_view> names;
    for (const auto& f : audit::all_fields()) {
        EXPECT_EQ(audit::find_field(static_cast<std::uint8_t>(f.field)), &f);
        EXPECT_TRUE(names.insert(f.name).second) << f.name;
    }
    EXPECT_EQ(audit::find_type(0), nullptr);
    EXPECT_EQ(audit::find_type(65535), nullptr);
    EXPECT_EQ(audit::find_field(0), nullptr);
    EXPECT_FALSE(audit::parse_event_type("tea_break"));
}

TEST(event, sentences_name_fields_that_their_type_may_carry) {
    for (const auto& type : audit::all_types()) {
        int depth = 0;
        for (std::size_t i = 0; i < type.sentence.size(); ++i) {
            const char c = type.sentence[i];
            if (c == '[') ++depth;
            if (c == ']') --depth;
            ASSERT_TRUE(depth == 0 || depth == 1) << type.name;
            if (c != '{') continue;
            const auto name = type.sentence.substr(i + 1, type.sentence.find('}', i) - i - 1);
            bool known = false;
            for (const auto& f : audit::all_fields())
                if (f.name == name) {
                    known = true;
                    EXPECT_TRUE(type.allowed.has(f.field)) << type.name << " " << name;
                    EXPECT_TRUE(depth == 1 || type.required.has(f.field)) << type.name << ": {" << name << "} may be absent and stands outside brackets";
                }
            EXPECT_TRUE(known) << type.name << " " << name;
        }
        EXPECT_EQ(depth, 0) << type.name;
    }
}

TEST(event, of_every_type_comes_back_as_it_was_written) {
    for (const auto& type : audit::all_types())
        for (bool required_only : {true, false}) {
            const auto bytes = full(type, required_only).encode(17, 1'763'791'200'123);
            ASSERT_TRUE(bytes) << type.name << ": " << bytes.error().message;
            const auto record = Record::decode(*bytes);
            ASSERT_TRUE(record) << type.name << ": " << record.error().message;
            EXPECT_EQ(record->type(), type.type);
            EXPECT_EQ(record->index(), 17u);
            EXPECT_EQ(record->time(), 1'763'791'200'123);
            for (const auto& field : audit::all_fields())
                EXPECT_EQ(record->has(field.field), (required_only ? type.required : type.allowed).has(field.field)) << field.name;
            EXPECT_FALSE(audit::to_text(*record).empty());
            EXPECT_EQ(audit::to_text(*record).find_first_of("{}[]\n"), std::string::npos) << audit::to_text(*record);
            const auto json = nlohmann::json::parse(audit::to_json(*record));
            EXPECT_EQ(json["type"], type.name);
            EXPECT_EQ(json.size(), 3 + record->items().size());
        }
}

TEST(event, without_a_required_field_is_a_mistake) {
    for (const auto& type : audit::all_types())
        for (const auto& missing : audit::all_fields()) {
            if (!type.required.has(missing.field)) continue;
            Event event(type.type);
            for (const auto& field : audit::all_fields())
                if (type.required.has(field.field) && field.field != missing.field) put_any(event, field);
            const auto bytes = event.encode(0, 0);
            ASSERT_FALSE(bytes) << type.name << " " << missing.name;
            EXPECT_EQ(bytes.error().code, Code::internal);
            EXPECT_NE(bytes.error().message.find(missing.name), std::string::npos);
        }
}

TEST(event, with_a_field_of_another_type_is_a_mistake) {
    const auto bytes = Event(EventType::sealed).number(Field::amount, 1).encode(0, 0);
    ASSERT_FALSE(bytes);
    EXPECT_EQ(bytes.error().code, Code::internal);
    EXPECT_NE(bytes.error().message.find("amount"), std::string::npos);
}

TEST(event, with_wrong_values_is_a_mistake) {
    const auto refused = [](const Event& e) { return !e.encode(0, 0) && e.encode(0, 0).error().code == Code::internal; };
    EXPECT_TRUE(refused(an_order().number(Field::amount, 1))) << "twice";
    EXPECT_TRUE(refused(Event(EventType::random_drawn).text(Field::data_size, "7"))) << "a text for a number";
    EXPECT_TRUE(refused(Event(EventType::sealed).number(Field::detail, 65))) << "a number for a text";
    EXPECT_TRUE(refused(Event(EventType::data_signed).text(Field::ukey, "u").number(Field::data_hash, 1)));
    EXPECT_TRUE(refused(Event(EventType::random_drawn).bytes(Field::data_size, base::as_bytes("123456789"))));
    EXPECT_TRUE(refused(Event(EventType::data_signed).text(Field::ukey, "u").bytes(Field::data_hash, base::as_bytes("short"))));
    EXPECT_TRUE(refused(Event(EventType::intent_concluded).number(Field::intent, 1).number(Field::outcome, 4)));
    EXPECT_TRUE(refused(Event(EventType::intent_concluded).number(Field::intent, 1).number(Field::outcome, 0)));
    EXPECT_TRUE(refused(Event(EventType::status_checked).number(Field::genuine, 2).number(Field::meter, 1)));
    EXPECT_TRUE(refused(Event(EventType::status_checked).flag(Field::genuine, true).number(Field::meter, 1'000'000'000'000)));
    EXPECT_TRUE(refused(Event(EventType::clock_jump).time(Field::previous, -1)));
    EXPECT_TRUE(refused(Event(EventType::ceremony_minutes).bytes(Field::note, base::Bytes(9000, 'a')))) << "text that is too long, past the cutting";
    EXPECT_FALSE(Event(EventType::sealed).encode(0, -1));
}

TEST(event, text_of_strangers_is_made_harmless) {
    Event e(EventType::denied);
    e.text(Field::actor, "uid 0\r\n\x1b[31m\xff\xfe root").text(Field::detail, std::string(10000, 'z')).text(Field::reason, "");
    const auto bytes = e.encode(1, 1);
    ASSERT_TRUE(bytes);
    const auto record = Record::decode(*bytes);
    ASSERT_TRUE(record) << record.error().message;
    EXPECT_EQ(record->text(Field::actor), "uid 0?\n?[31m?? root");
    EXPECT_EQ(record->text(Field::detail).size(), audit::kMaxTextBytes);
    EXPECT_TRUE(record->text(Field::detail).ends_with("z..."));
    EXPECT_FALSE(record->has(Field::reason));
}

TEST(event, number_is_written_in_its_shortest_form) {
    for (std::uint64_t n : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{255}, std::uint64_t{256}, std::uint64_t{65536}, ~std::uint64_t{0}}) {
        const auto bytes = Event(EventType::random_drawn).number(Field::data_size, n).encode(0, 0);
        ASSERT_TRUE(bytes);
        const auto record = Record::decode(*bytes);
        EXPECT_EQ(record->number(Field::data_size), n);
        std::size_t width = 1;
        for (std::uint64_t v = n >> 8; v != 0; v >>= 8) ++width;
        EXPECT_EQ(bytes->size(), 19 + 3 + width);
    }
}

TEST(record, is_refused_when_cut_or_extended) {
    const base::Bytes bytes = *an_order().encode(5, 1'700'000'000'000);
    for (std::size_t n = 0; n < bytes.size(); ++n) EXPECT_FALSE(Record::decode(base::ByteView(bytes).first(n))) << n;
    base::Bytes longer = bytes;
    longer.push_back(0);
    EXPECT_FALSE(Record::decode(longer));
    EXPECT_FALSE(Record::decode(base::Bytes(audit::kMaxEventBytes + 1)));
}

TEST(record, that_decodes_encodes_to_the_same_bytes_after_every_bit_flip) {
    const base::Bytes good = *an_order().encode(5, 1'700'000'000'000);
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        base::Bytes bent = good;
        bent[bit / 8] = static_cast<std::uint8_t>(bent[bit / 8] ^ 1u << bit % 8);
        const auto record = Record::decode(bent);
        if (!record) continue;
        Event again(record->type());
        for (const auto& item : record->items()) again.bytes(item.field, item.value);
        EXPECT_EQ(*again.encode(record->index(), record->time()), bent) << bit;
    }
}

TEST(record, of_unknown_version_type_or_field_is_unsupported) {
    base::Bytes bytes = *an_order().encode(5, 1);
    const auto code_with = [&](std::size_t at, std::uint8_t value) {
        base::Bytes bent = bytes;
        bent[at] = value;
        return Record::decode(bent).error().code;
    };
    EXPECT_EQ(code_with(0, 2), Code::unsupported);
    EXPECT_EQ(code_with(1, 0x7F), Code::unsupported);
    EXPECT_EQ(code_with(2, 255), Code::unsupported);
    EXPECT_EQ(code_with(11, 0x80), Code::malformed) << "a time beyond 63 bits";
    bytes = *Event(EventType::sealed).text(Field::detail, "x").encode(0, 0);
    bytes[19] = 127;
    EXPECT_EQ(Record::decode(bytes).error().code, Code::unsupported);
}

TEST(record, that_is_not_canonical_is_malformed) {
    const auto with_fields = [](const char* type, const char* fields) {
        return Record::decode(*base::from_hex(std::string("01") + type + "0000000000000000" "0000000000000000" + fields));
    };
    EXPECT_TRUE(with_fields("0079", "2b0001" "05")) << "random_drawn of 5 bytes";
    EXPECT_EQ(with_fields("0079", "2b0002" "0005").error().code, Code::malformed) << "a zero in front";
    EXPECT_EQ(with_fields("0079", "2b0000").error().code, Code::malformed) << "an empty number";
    EXPECT_EQ(with_fields("0079", "2b0001" "05" "2b0001" "05").error().code, Code::malformed) << "twice";
    EXPECT_EQ(with_fields("0079", "2b0001" "05" "0a0001" "61").error().code, Code::malformed) << "not ascending";
    EXPECT_TRUE(with_fields("0079", "0a0001" "61" "2b0001" "05"));
    EXPECT_EQ(with_fields("0079", "").error().code, Code::malformed) << "a required field is missing";
    EXPECT_EQ(with_fields("0079", "230001" "05" "2b0001" "05").error().code, Code::malformed) << "an amount does not belong there";
    EXPECT_EQ(with_fields("0079", "0a0000" "2b0001" "05").error().code, Code::malformed) << "an empty text";
    EXPECT_EQ(with_fields("0079", "0a0001" "ff" "2b0001" "05").error().code, Code::malformed) << "not UTF-8";
    EXPECT_EQ(with_fields("0079", "0a0001" "07" "2b0001" "05").error().code, Code::malformed) << "a bell";
}

TEST(record, reads_well) {
    const base::Bytes bytes = *an_order().encode(5, 1'763'791'200'123);
    const Record record = *Record::decode(bytes);
    EXPECT_EQ(audit::to_text(record),
              "order 0192f0c1-a2b3-7c4d-8e5f-60718293a4b5: recharge of 50.00 yuan for meter 012345678901 of customer 000000000077, purchase count 3, by station s-1 "
              "with UKEY U1");
    const auto json = nlohmann::json::parse(audit::to_json(record));
    EXPECT_EQ(json["index"], 5);
    EXPECT_EQ(json["time"], "2025-11-22T06:00:00.123Z");  // date -u -d @1763791200
    EXPECT_EQ(json["type"], "order");
    EXPECT_EQ(json["amount"], 5000);
    EXPECT_EQ(json["meter"], "012345678901");
    EXPECT_EQ(json["operation"], "recharge");
    EXPECT_EQ(json["order_id"], "0192f0c1-a2b3-7c4d-8e5f-60718293a4b5");
}

TEST(record, leaves_out_what_it_does_not_know) {
    const base::Bytes bytes = *Event(EventType::sealed).encode(0, 0);
    EXPECT_EQ(audit::to_text(*Record::decode(bytes)), "the service was sealed");
    const base::Bytes more = *Event(EventType::sealed).text(Field::actor, "uid 7").text(Field::reason, "end of\nday").encode(0, 0);
    EXPECT_EQ(audit::to_text(*Record::decode(more)), "the service was sealed by uid 7: end of day");
}

TEST(record, says_grants_states_and_relay_commands_in_words) {
    model::Grant grant;
    grant.ukey = *base::UkeySerial::parse("U1");
    grant.home = *base::UkeySerial::parse("P1");
    grant.number = 1;
    grant.operations = model::bit(model::Operation::recharge);
    EXPECT_EQ(audit::value_in_words(Field::grant, grant.encode()), grant.in_words());
    const auto word = [](Field field, std::uint8_t n) { return audit::value_in_words(field, std::array{n}); };
    EXPECT_EQ(word(Field::state_to, 8), "revoked");
    EXPECT_EQ(word(Field::action, 9), "report-lost");
    EXPECT_EQ(word(Field::ukey_kind, 1), "master-control");
    EXPECT_EQ(word(Field::key_state, 1), "private");
    EXPECT_EQ(word(Field::classes, 0x12), "identity, credit");
    EXPECT_EQ(word(Field::command, 0x1A), "trip");
    EXPECT_EQ(word(Field::command, 0x3B), "keep-power off");
    EXPECT_EQ(word(Field::outcome, 3), "unknown");
    EXPECT_EQ(word(Field::recover, 0), "no");
    EXPECT_EQ(word(Field::meter, 5), "000000000005");
    EXPECT_EQ(audit::value_in_words(Field::day_offset, *base::from_hex("04b0")), "+08:00");  // 1200 - 720 minutes
    EXPECT_EQ(word(Field::day_offset, 0), "-12:00");
    EXPECT_EQ(word(Field::day_offset, 150), "-09:30");
}

TEST(text, is_clean_by_rfc_3629) {
    for (const char* good : {"", "a", "two\nlines", "\xC2\xA0", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEF\xBF\xBD", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"})
        EXPECT_TRUE(audit::is_clean_text(good)) << good;
    for (const char* bad : {"\t", "\r", "\x7F", "\x80", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x41", "\xC2\x85", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xE2\x82", "\xF0\x8F\xBF\xBF",
                            "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF"})
        EXPECT_FALSE(audit::is_clean_text(bad)) << base::to_hex(base::as_bytes(bad));
    EXPECT_FALSE(audit::is_clean_text(std::string_view("\0", 1)));
}

TEST(text, is_cut_between_characters) {
    EXPECT_EQ(audit::clean_text("abcdef", 6), "abcdef");
    EXPECT_EQ(audit::clean_text("abcdefg", 6), "abc...");
    EXPECT_EQ(audit::clean_text("ab\xE7\x94\xB5\xE7\x94\xB5", 7), "ab...") << "never half a character";
    EXPECT_EQ(audit::clean_text("\xE7\x94", 9), "??");
}
