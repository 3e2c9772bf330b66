// docs/AUDIT_FORMAT.md against the program: its tables and its worked example.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <set>
#include <sstream>

#include "audit/event.h"
#include "audit/merkle.h"
#include "base/digest.h"
#include "base/fd.h"
#include "base/ids.h"
#include "model/operation.h"

namespace {

using audit::Field;

std::string document() {
    const auto bytes = base::read_file(KMP_SOURCE_DIR "/docs/AUDIT_FORMAT.md", 1'000'000);
    return bytes ? base::to_string(*bytes) : "";
}

std::string part(const std::string& text, const std::string& from, const std::string& to) {
    const std::size_t begin = text.find(from);
    if (begin == std::string::npos) return "";
    const std::size_t end = text.find(to, begin + from.size());
    return text.substr(begin + from.size(), end - begin - from.size());
}

std::vector<std::vector<std::string>> rows(const std::string& text) {
    std::vector<std::vector<std::string>> out;
    for (std::size_t at = 0; (at = text.find("| ", at)) != std::string::npos;) {
        const std::size_t end = text.find('\n', at);
        std::vector<std::string> cells;
        for (std::size_t cell = at + 2; cell < end;) {
            const std::size_t stop = text.find(" |", cell);
            cells.push_back(text.substr(cell, stop - cell));
            cell = stop + 3;
        }
        if (std::isdigit(static_cast<unsigned char>(cells[0][0])) != 0) out.push_back(std::move(cells));
        at = end;
    }
    return out;
}

constexpr std::array kKindNames{"number",  "fen",   "time",       "meter", "customer", "operation", "ukey_kind", "ukey_state", "ukey_action", "account_change", "key_state",
                                "classes", "outcome", "relay", "day_offset", "order_kind", "channel", "identifier", "flag", "text", "uuid", "digest", "bytes"};

std::string joined(const audit::FieldSet& set) {
    std::string out;
    for (const auto& f : audit::all_fields())
        if (set.has(f.field)) out += (out.empty() ? "" : ", ") + std::string(f.name);
    return out.empty() ? "-" : out;
}

/// One of tests/data/audit_examples.txt: the event as JSON, its bytes, its leaf hash.
struct Example {
    std::string json;
    base::Bytes bytes;
    std::string leaf;
};

struct Examples {
    std::vector<Example> all;
    std::string flipped;  ///< the last line
};

Examples examples() {
    std::istringstream file(base::to_string(*base::read_file(KMP_SOURCE_DIR "/tests/data/audit_examples.txt", 1'000'000)));
    Examples out;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("flipped ")) out.flipped = line;
        if (!line.starts_with("{")) continue;
        Example e{line, {}, {}};
        std::getline(file, line);
        e.bytes = *base::from_hex(line);
        std::getline(file, e.leaf);
        out.all.push_back(std::move(e));
    }
    return out;
}

/// A value as JSON has it, as the record has it.
base::Bytes encoded(const audit::FieldInfo& f, const nlohmann::json& value) {
    if (f.kind == audit::FieldKind::text) return base::to_bytes(base::as_bytes(value.get<std::string>()));
    if (f.kind == audit::FieldKind::uuid) return base::to_bytes(base::Uuid::parse(value.get<std::string>())->raw());
    if (!is_number(f.kind)) return *base::from_hex(value.get<std::string>());
    std::uint64_t n = 0;
    if (value.is_boolean()) n = value.get<bool>() ? 1 : 0;
    else if (value.is_number()) n = value.get<std::uint64_t>();
    else if (f.kind == audit::FieldKind::time) n = static_cast<std::uint64_t>(*base::from_rfc3339(value.get<std::string>()));
    else if (f.kind == audit::FieldKind::identifier) n = std::stoull(value.get<std::string>(), nullptr, 16);
    else if (f.kind == audit::FieldKind::meter || f.kind == audit::FieldKind::customer) n = std::stoull(value.get<std::string>());
    else
        for (std::uint64_t word = 0; word < 2000; ++word) {
            const base::Bytes shortest = word < 256 ? base::Bytes{static_cast<std::uint8_t>(word)} : base::Bytes{static_cast<std::uint8_t>(word >> 8), static_cast<std::uint8_t>(word)};
            if (audit::value_in_words(f.field, shortest) == value.get<std::string>()) return shortest;
        }
    base::Bytes out;
    for (int shift = 56; shift >= 0; shift -= 8)
        if (const auto byte = static_cast<std::uint8_t>(n >> shift); byte != 0 || !out.empty() || shift == 0) out.push_back(byte);
    return out;
}

}  // namespace

TEST(format_document, has_a_worked_example_of_every_type_with_every_field_which_the_program_writes_and_reads) {
    std::set<audit::EventType> types;
    for (const Example& e : examples().all) {
        const auto record = audit::Record::decode(e.bytes);
        ASSERT_TRUE(record) << e.json << ": " << record.error().message;
        EXPECT_EQ(audit::to_json(*record), e.json);
        EXPECT_EQ(base::to_hex(audit::leaf_hash(e.bytes)), e.leaf) << e.json;
        types.insert(record->type());
        const auto json = nlohmann::json::parse(e.json);
        audit::Event event(record->type());
        const audit::FieldSet common(Field::actor, Field::uid, Field::pid, Field::session, Field::happened_at, Field::request, Field::ukey, Field::reader, Field::station, Field::reason, Field::detail, Field::account);
        for (const audit::FieldInfo& f : audit::all_fields()) {
            const bool there = json.contains(std::string(f.name));
            EXPECT_TRUE(there || common.has(f.field) || !record->info().allowed.has(f.field)) << e.json << " shows no " << f.name;
            if (there) event.bytes(f.field, encoded(f, json[std::string(f.name)]));
        }
        EXPECT_EQ(base::to_hex(*event.encode(json["index"].get<std::uint64_t>(), *base::from_rfc3339(json["time"].get<std::string>()))), base::to_hex(e.bytes)) << e.json;
    }
    EXPECT_EQ(types.size(), audit::all_types().size());
}

TEST(format_document, the_second_verifier_and_the_program_take_and_refuse_the_same_flipped_bits) {
    constexpr std::size_t kStep = 5;
    const Examples all = examples();
    std::string answers;
    for (const Example& e : all.all)
        for (std::size_t bit = 0; bit < e.bytes.size() * 8; bit += kStep) {
            base::Bytes flipped = e.bytes;
            flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ 0x80 >> bit % 8);
            answers.push_back(audit::Record::decode(flipped) ? '1' : '0');
        }
    EXPECT_EQ("flipped " + std::to_string(answers.size()) + " taken " + std::to_string(std::count(answers.begin(), answers.end(), '1')) + " " + base::to_hex(base::sha256(base::as_bytes(answers))), all.flipped);
}

TEST(format_document, lists_every_field) {
    const auto listed = rows(part(document(), "## 2. Fields", "## 3."));
    ASSERT_EQ(listed.size(), audit::all_fields().size());
    for (std::size_t i = 0; i < listed.size(); ++i) {
        const auto& f = audit::all_fields()[i];
        EXPECT_EQ(listed[i], (std::vector<std::string>{std::to_string(static_cast<unsigned>(f.field)), std::string(f.name), kKindNames[static_cast<std::size_t>(f.kind)]}));
    }
}

TEST(format_document, lists_every_type_with_its_fields) {
    const std::string section = part(document(), "## 3. Types", "## 4.");
    const audit::FieldSet common(Field::actor, Field::uid, Field::pid, Field::session, Field::happened_at, Field::request, Field::ukey, Field::reader, Field::station, Field::reason,
                                 Field::detail, Field::account);
    EXPECT_EQ(part(section, "may also carry ", "."), joined(audit::FieldSet(Field::actor, Field::uid, Field::pid, Field::session, Field::happened_at, Field::request, Field::ukey,
                                                                             Field::reader, Field::station, Field::reason, Field::detail, Field::account)));
    const auto listed = rows(section);
    ASSERT_EQ(listed.size(), audit::all_types().size());
    for (std::size_t i = 0; i < listed.size(); ++i) {
        const auto& t = audit::all_types()[i];
        EXPECT_EQ(listed[i], (std::vector<std::string>{std::to_string(static_cast<unsigned>(t.type)), std::string(t.name), joined(t.required),
                                                       joined(t.allowed.without(t.required).without(common))}));
    }
}

TEST(format_document, worked_example_is_what_the_program_writes) {
    const std::string section = part(document(), "## 4. Worked example", "## 5.");
    std::string digits;
    for (char c : part(section, "```", "```"))
        if (std::isxdigit(static_cast<unsigned char>(c)) != 0) digits.push_back(c);
    const base::Bytes bytes = *base::from_hex(digits);

    audit::Event order(audit::EventType::order);
    order.text(Field::ukey, "U1").text(Field::station, "s-1").number(Field::meter, 12345678901).number(Field::customer, 77);
    order.bytes(Field::order_id, base::Uuid::parse("0192f0c1-a2b3-7c4d-8e5f-60718293a4b5")->raw()).value(Field::operation, model::Operation::recharge).number(Field::amount, 5000);
    order.number(Field::count, 3).bytes(Field::r2, *base::from_hex("a1b2c3d4")).bytes(Field::content_hash, base::sha256(base::as_bytes("content"))).number(Field::grant_number, 1);
    EXPECT_EQ(base::to_hex(*order.encode(5, *base::from_rfc3339("2025-11-22T06:00:00.123Z"))), base::to_hex(bytes));
    EXPECT_EQ(base::to_hex(audit::leaf_hash(bytes)), part(section, "The leaf hash of this one: `", "`"));
    EXPECT_TRUE(audit::Record::decode(bytes));
}
