#pragma once
#include <QString>
#include <QStringList>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "wire/pb.h"

/// What people read for the names and numbers of the wire, in the language of the window.
namespace ui::parts {

namespace pb = wire::pb;

/// UTF-8 of others. What would break a line or turn its direction where nobody sees it (control characters but for LF and TAB, U+2028, U+2029, the marks of bidirectional text, spaces without a width) becomes U+FFFD: no name may look like another.
QString text(std::string_view s);
/// A file's name, chosen by whoever made the file: on one line.
QString file_text(const QString& name);
inline std::string bytes(const QString& s) { return s.toStdString(); }

/// A name that this window does not know comes back as it is: a newer service may have more.
QString kind_word(std::string_view kind);            ///< "user": "user UKEY"
QString kind_brief(std::string_view kind);           ///< "Master-control": where it is clear that it is a UKEY, and there is little room
QString state_word(std::string_view state);          ///< of a UKEY
QString account_state_word(std::string_view state);
QString request_state_word(std::string_view state);
QString operation_word(std::string_view operation);  ///< of a grant
QString class_word(std::string_view key_class);
QString deed_word(std::string_view deed);            ///< of a request
QString action_word(std::string_view action);        ///< of a UKEY's life: "unblock"
/// "credit 2", "control factory" in words; several after commas, as the service lists them.
QString masters_words(std::string_view masters);
QString order_word(std::string_view kind);           ///< of an order
QString event_word(std::string_view type);           ///< of the log
QString outcome_word(std::string_view outcome);
QString proof_word(std::string_view proof);          ///< by what a session was proved
QString code_word(std::string_view code);            ///< of an error, in a table: "wrong PIN"
/// Every type of event that this window has a word for, in the order in which they are met.
std::vector<std::string_view> event_types();

/// By the clock of this machine.
inline base::Millis now() { return base::SystemClock().now(); }
/// In the time of this machine: "2026-11-23 14:05"; "–" for 0.
QString moment(base::Millis time);
QString moment_to_seconds(base::Millis time);
QString day(base::Millis time);
/// "+08:00", of minutes from UTC.
QString utc_offset(int minutes);
/// "3 min", "2 h", "5 d", of a length of time.
QString duration(base::Millis length);
/// "in 12 days", "12 days ago".
QString from_now(base::Millis time, base::Millis now);
/// "1,234.50" yuan, with the separators of the language.
QString yuan(std::int64_t fen);
QString number(std::uint64_t n);
QString file_size(std::uint64_t bytes);
/// Hex in groups of eight, which people compare and lines can break.
QString fingerprint(std::string_view hex);
/// "000000000001".
QString meter_number(std::uint64_t meter);

/// Of a grant, a bit an hour and a bit a weekday from Monday: "08:00–18:00"; "Mon, Tue".
inline constexpr std::uint32_t kAllHours = (1U << 24) - 1;
inline constexpr std::uint32_t kAllDays = 127;
QString hours_text(std::uint32_t bits);
QString weekdays_text(std::uint32_t bits);
/// The terms of a grant, one sentence a line. `kind`: of its UKEY.
QStringList grant_sentences(const pb::GrantTerms& terms);
/// The same in one line, for a table.
QString grant_line(const pb::GrantTerms& terms);

/// An error for a person: what it means and what to do, by its code; `line` is what the service itself said.
struct Explained {
    QString meaning;
    QString advice;
    QString line;
};
Explained explain(const base::Error& error);

}  // namespace ui::parts
