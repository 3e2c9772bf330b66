// Where PINs are typed: what is kept, what is shown, what is left behind in memory.
#include <gtest/gtest.h>

#include <QAccessible>
#include <QAccessibleInterface>
#include <QApplication>
#include <QClipboard>
#include <QKeyEvent>
#include <QTest>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "tokens/pin.h"
#include "ui/parts/pin_field.h"
#include "wire/pin_frame.h"

using ui::parts::PinField;

namespace {

constexpr std::uint8_t kVeil = 0x5A;  ///< the test itself never holds a PIN's letters in a row

/// Twelve random letters, each veiled.
std::vector<std::uint8_t> veiled_pin() {
    std::random_device random;
    std::vector<std::uint8_t> out;
    for (int i = 0; i < 12; ++i) out.push_back(static_cast<std::uint8_t>(('a' + static_cast<int>(random() % 26)) ^ kVeil));
    return out;
}

void type(PinField& field, const std::vector<std::uint8_t>& veiled) {
    for (const std::uint8_t v : veiled) QTest::keyClick(&field, static_cast<char>(v ^ kVeil));
}

/// How often the PIN stands in this process's memory, its letters `step` bytes apart.
int found_in_memory(const std::vector<std::uint8_t>& veiled, std::size_t step) {
    int found = 0;
    std::ifstream maps("/proc/self/maps");
    std::ifstream memory("/proc/self/mem", std::ios::binary);
    for (std::string line; std::getline(maps, line);) {
        if (line.find(" rw") == std::string::npos || line.find("[v") != std::string::npos) continue;
        const std::size_t dash = line.find('-');
        const std::uint64_t begin = std::stoull(line.substr(0, dash), nullptr, 16);
        const std::uint64_t end = std::stoull(line.substr(dash + 1), nullptr, 16);
        if (end - begin > (std::uint64_t{1} << 32)) continue;  // a sanitizer's own, which nothing is written into
        std::vector<char> bytes(end - begin);
        memory.clear();
        memory.seekg(static_cast<std::streamoff>(begin));
        memory.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        // Unveiled nowhere: each byte is compared by itself.
        for (std::size_t i = 0; i + veiled.size() * step <= static_cast<std::size_t>(memory.gcount()); ++i) {
            std::size_t k = 0;
            while (k < veiled.size() && (static_cast<std::uint8_t>(bytes[i + k * step]) ^ kVeil) == veiled[k]) ++k;
            found += k == veiled.size() ? 1 : 0;
        }
    }
    return found;
}

std::string revealed(const base::Secret& secret) {
    return secret.reveal([](base::ByteView b) { return base::to_string(b); });
}

}  // namespace

TEST(PinField, a_pin_stands_once_in_memory_while_it_is_typed_and_not_at_all_when_it_is_cleared) {
    PinField field;
    field.show();
    field.setFocus();
    const auto pin = veiled_pin();
    type(field, pin);
    ASSERT_FALSE(field.is_empty());
    // The copy that this search reads the memory into may hold it once more.
    EXPECT_GE(found_in_memory(pin, 1), 1) << "the search finds what is there";
    EXPECT_EQ(found_in_memory(pin, 2), 0) << "no QString of it";
    field.clear();
    QCoreApplication::processEvents();
    EXPECT_EQ(found_in_memory(pin, 1), 0);
    EXPECT_EQ(found_in_memory(pin, 2), 0);
}

TEST(PinField, letters_of_every_length_are_taken_and_dropped_whole) {
    PinField field;
    for (const QChar letter : QStringLiteral("aé密")) {
        QKeyEvent press(QEvent::KeyPress, Qt::Key_unknown, Qt::NoModifier, QString(letter));
        QApplication::sendEvent(&field, &press);
    }
    QTest::keyClick(&field, Qt::Key_Backspace);
    EXPECT_EQ(revealed(field.take()), "a\xC3\xA9");
    EXPECT_TRUE(field.is_empty()) << "it was handed over";
}

TEST(PinField, it_holds_what_the_wire_carries_and_no_byte_more) {
    PinField field;
    QTest::keyClicks(&field, QString(200, QLatin1Char('x')));
    EXPECT_EQ(field.take().size(), wire::kMaxPin);
}

TEST(PinField, the_rule_names_the_services_limits) {
    EXPECT_TRUE(PinField::rule().contains(QStringLiteral("%1 to %2 bytes").arg(tokens::kMinPin).arg(tokens::kMaxPin))) << PinField::rule().toStdString();
}

TEST(PinField, two_fields_are_equal_only_when_the_same_was_typed) {
    PinField one;
    PinField other;
    QTest::keyClicks(&one, QStringLiteral("harbour"));
    QTest::keyClicks(&other, QStringLiteral("harbou"));
    EXPECT_FALSE(one.equals(other));
    QTest::keyClicks(&other, QStringLiteral("r"));
    EXPECT_TRUE(one.equals(other));
}

TEST(PinField, the_clipboard_is_neither_read_nor_written) {
    QApplication::clipboard()->setText(QStringLiteral("from elsewhere"));
    PinField field;
    field.show();
    QTest::keyClicks(&field, QStringLiteral("abc"));
    QTest::keyClick(&field, Qt::Key_A, Qt::ControlModifier);
    QTest::keyClick(&field, Qt::Key_C, Qt::ControlModifier);
    EXPECT_EQ(QApplication::clipboard()->text(), QStringLiteral("from elsewhere"));
    QTest::keyClick(&field, Qt::Key_V, Qt::ControlModifier);
    EXPECT_EQ(revealed(field.take()), "abc");
}

TEST(PinField, it_is_cleared_when_it_is_hidden) {
    PinField field;
    field.show();
    QTest::keyClicks(&field, QStringLiteral("abc"));
    field.hide();
    EXPECT_TRUE(field.is_empty());
}

TEST(PinField, assistive_technology_sees_a_password_field_without_a_text) {
    PinField field;
    field.show();
    QTest::keyClicks(&field, QStringLiteral("abc"));
    QAccessibleInterface* seen = QAccessible::queryAccessibleInterface(&field);
    ASSERT_NE(seen, nullptr);
    EXPECT_TRUE(seen->state().passwordEdit);
    EXPECT_EQ(seen->role(), QAccessible::EditableText);
    EXPECT_FALSE(seen->text(QAccessible::Value).contains(QStringLiteral("abc")));
    EXPECT_EQ(seen->textInterface(), nullptr);
}
