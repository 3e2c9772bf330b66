#pragma once
#include <QByteArray>
#include <QString>
#include <QStringList>
#include <optional>

#include "base/clock.h"
#include "base/error.h"
#include "ui/parts/note.h"
#include "ui/parts/theme.h"
#include "wire/pb.h"

/// What came of holding something against the log, in words: one place for whatever was asked, so that one finding is never told in two ways.
namespace ui::parts {

class Notice;

/// One sentence that decides, what it rests on and what to do, and, small, what the program itself said.
struct Verdict {
    Tone tone = Tone::bad;
    QString title;
    QStringList lines;
    QString line = {};
};
void say(Notice& notice, const Verdict& verdict);

/// Of the service's own database, as audit_verify answers: its own word. Of findings the last line says what to do.
Verdict verdict_of_database(const wire::pb::AuditVerifyReply& reply);
/// The newest checkpoint that this computer kept of a log.
struct Seen {
    std::uint64_t events = 0;  ///< 0: none
    base::Millis when = 0;     ///< it was kept; 0: nobody knows
    std::string origin = {};
    std::optional<Note> given = {};  ///< another one, which somebody gave, was held against in its place
};
/// From the JSON of `kmp-audit verify`; `line`: what it said when there is none.
Verdict verdict_of_export(const QByteArray& json, const QString& line, const Seen& seen = {});
/// Whether a checkpoint over `size` events can be held against the export that `kmp-audit verify` told of: it is over as many as that holds, or fewer, and not before it begins.
bool lies_within(std::uint64_t size, const QByteArray& json);
/// Whether no more was found, by either program, than that the checkpoint which somebody gave lies before what was verified, or behind its end. That is no flaw of the log.
enum class Beside { no, before, behind };
Beside lies_beside(const std::optional<Note>& given, const QByteArray& json);
/// From the JSON of `kmpctl audit report`. Where what was given lies before what was read: of the report that was made without it.
Verdict verdict_of_report(const QByteArray& json, const QString& line, const Seen& seen = {});

/// From the JSON of `kmp-audit verify-proof` of two checkpoints. It must be the proof that was asked for, from `asked`, and lead to a log of `at_least` events: as many as this computer has seen.
Verdict verdict_of_growth(const QByteArray& json, const QString& line, const Note& asked, std::uint64_t at_least);
/// Where the service would not prove it: the log is not what the checkpoint was over, or the checkpoint is not the log's, as the service says. `genuine`: its signature was checked here, and holds; then such an answer is an alarm.
Verdict verdict_of_refusal(const base::Error& error, bool genuine);

/// It came to nothing: as any error is told.
Verdict verdict_of_error(const base::Error& error);

/// Of the proof of one event.
enum class Proved {
    holds,
    fails,    ///< the line says what does not hold
    unknown,  ///< it could not be checked: the line says why
};
Verdict verdict_of_event(Proved proved, const QString& line);

}  // namespace ui::parts
