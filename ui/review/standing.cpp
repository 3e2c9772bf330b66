#include "ui/review/standing.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QDir>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <optional>

#include "ui/link/kept.h"
#include "ui/link/link.h"
#include "ui/parts/words.h"

namespace ui::review {
namespace {

using parts::Verdict;

struct Say {
    Q_DECLARE_TR_FUNCTIONS(standing)
};

}  // namespace

parts::Seen seen_of(const link::Link& link, const link::Kept& kept, const std::string& own) {
    const auto given = parts::note_of(own);
    const auto taken = given ? std::optional(*given) : std::nullopt;
    if (kept.note.empty()) return {.given = taken};
    const auto note = parts::note_of(kept.note);
    // It is written when a newer checkpoint is kept, and at no other time.
    const QDateTime written = QFileInfo(QString::fromStdString(link.address().known.file)).lastModified();
    return {kept.size, written.isValid() ? written.toMSecsSinceEpoch() : 0, note ? note->origin : std::string(), taken};
}

Verdict as_of_now(Verdict v, const link::Link& link, bool same_anchor) {
    if ((v.tone != parts::Tone::good && v.tone != parts::Tone::attention) || (link.is_believed() && same_anchor)) return v;
    v.tone = parts::Tone::muted;
    v.title = Say::tr("Do not count on it now: %1").arg(v.title);
    v.lines.prepend(!link.is_believed() ? Say::tr("The log is not the one that is known here. What was found before that, or of such a log, says nothing of it.") : Say::tr("Another trust anchor was chosen since. Do it again, to hold the log against that one."));
    return v;
}

Verdict verdict_without_checkpoint(const QString& why) {
    return {parts::Tone::bad, Say::tr("Nothing was verified: the checkpoint to hold it against cannot be given to what verifies."),
            {Say::tr("Without it the log could have been set back, and this would not show. Make room where temporary files are written (%1), or do what the line below says; then verify again.").arg(QDir::tempPath())}, why};
}

bool is_of_another(const std::string& platform, const link::Link& link) {
    const std::string& now = link.status().platform();
    return !platform.empty() && !now.empty() && platform != now;
}

void keep_found(const link::Link& link, parts::Verified::By by, const QByteArray& json, bool held) {
    QJsonObject v = QJsonDocument::fromJson(json).object();
    if (v.contains(QStringLiteral("verification"))) v = v[QStringLiteral("verification")].toObject();
    const QJsonValue sound = v[QStringLiteral("sound")];
    const qint64 events = v[QStringLiteral("size")].toInteger() - v[QStringLiteral("first")].toInteger();
    if (sound.isBool() && (held || !sound.toBool())) parts::keep_verified(link, {base::SystemClock().now(), sound.toBool(), static_cast<std::uint64_t>(std::max<qint64>(events, 0)), by});
}

}  // namespace ui::review
