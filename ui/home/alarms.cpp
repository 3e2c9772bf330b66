#include "ui/home/alarms.h"

#include <QCoreApplication>
#include <algorithm>

#include "ui/parts/words.h"

namespace ui::home {
namespace {

namespace pb = wire::pb;
using parts::text;
using parts::Tone;

struct Say {
    Q_DECLARE_TR_FUNCTIONS(alarms)
};

/// What is seen to on the page Keys; `item`: as KeysPage::show_item takes it.
Alarm on_keys(const char* item, Tone tone, const QString& title, const QString& text) { return {tone, title, text, {}, QStringLiteral("keys"), QString::fromLatin1(item)}; }

/// What is to be done for a new one. Officers do not sign it alone: they ask for it, and often the service has done so already.
QString new_list(const pb::Warning& w, bool officers, std::uint64_t asked_for) {
    if (asked_for != 0) return Say::tr("Request %1 asks for a new one: officers approve and run it.").arg(asked_for);
    if (officers) return Say::tr("Ask for a new one: officers decide on it.");
    return w.subject().empty() ? Say::tr("Sign one with the master-control UKEY.") : Say::tr("Sign a new one with master-control UKEY %1.").arg(text(w.subject()));
}

Alarm of_revocation_list(const pb::Warning& w, const QString& line, bool officers, std::uint64_t asked_for) {
    const auto signed_anew = [&](Tone tone, const QString& title, const QString& meaning) {
        Alarm out = on_keys("revocations", tone, title, meaning + QLatin1Char(' ') + new_list(w, officers, asked_for));
        if (asked_for != 0) {
            out.page = QStringLiteral("approvals");
            out.item = QString::number(asked_for);
        }
        return out;
    };
    switch (w.code()) {
        case pb::Warning::CRL_MISSING: return signed_anew(Tone::attention, Say::tr("There is no revocation list."), Say::tr("Nobody can check certificates."));
        case pb::Warning::CRL_OVER: return signed_anew(Tone::bad, Say::tr("The revocation list ran out on %1.").arg(parts::moment(w.at_ms())), Say::tr("Others refuse every certificate until there is a new one."));
        case pb::Warning::CRL_BEHIND: return signed_anew(Tone::attention, Say::tr("The revocation list does not say what has happened to UKEYs since."), Say::tr("Others may still take a UKEY that is suspended or revoked."));
        case pb::Warning::CRL_ENDS: return signed_anew(Tone::attention, Say::tr("The revocation list runs out on %1.").arg(parts::moment(w.at_ms())), Say::tr("After that others refuse every certificate."));
        default: break;
    }
    Alarm out = on_keys("revocations", Tone::attention, Say::tr("The revocation list is not published."), Say::tr("Others do not see the newest one. The administrator mends the reason; then sign one anew."));
    out.line = line;
    return out;
}

Alarm of_ukey(const pb::Warning& w, const QString& title, const QString& meaning) { return {Tone::attention, title, meaning, {}, QStringLiteral("ukeys"), text(w.subject())}; }

/// Nothing that is done in this window helps.
Alarm elsewhere(Tone tone, const QString& title, const QString& meaning, const QString& line = {}) { return {tone, title, meaning, line, {}, {}}; }

Alarm alarm_of(const pb::Warning& w, const QString& line, const pb::StatusReply& s, std::uint64_t list_asked_for) {
    switch (w.code()) {
        case pb::Warning::MEMORY_UNLOCKED: return elsewhere(Tone::attention, Say::tr("Secrets could not all be locked into memory."), Say::tr("They may be written to the disk. The administrator raises LimitMEMLOCK of the service."));
        case pb::Warning::DISK_LOW: return elsewhere(Tone::attention, Say::tr("The disk of the log is nearly full."), Say::tr("%1 are free. When it is full nothing is signed: the administrator frees some space before.").arg(parts::file_size(s.disk_free_bytes())));
        case pb::Warning::PLATFORM_ENDS: return {Tone::attention, Say::tr("The platform UKEY ends on %1.").arg(parts::day(w.at_ms())), Say::tr("After that the platform does not work. The administrator puts another in its place before, with the master-control UKEY."), {}, QStringLiteral("ukeys"), text(s.platform())};
        case pb::Warning::CHECKPOINT_LATE: return elsewhere(Tone::attention, Say::tr("No checkpoint for %1.").arg(parts::duration(s.checkpoint_age_ms())), Say::tr("Nobody outside could tell if what was logged since were changed. See whether the platform UKEY is plugged in, and sign a checkpoint below."));
        case pb::Warning::CLOCK_BEHIND: return elsewhere(Tone::attention, Say::tr("The service's clock is behind the log's last event, of %1.").arg(parts::moment_to_seconds(w.at_ms())), Say::tr("Time stands still in the log until the clock is past that. The administrator sets the clock right."));
        case pb::Warning::LOG_FAILING: return elsewhere(Tone::bad, Say::tr("The log cannot be written."), Say::tr("Nothing is signed until it can; the service goes on by itself then."), line);
        case pb::Warning::ARCHIVE_DIFFERS: return elsewhere(Tone::bad, Say::tr("What was archived of the log is not what the log says."), Say::tr("Nothing more is archived. Change nothing, and tell the auditor."), line);
        case pb::Warning::SEARCH_UNKEPT: return elsewhere(Tone::attention, Say::tr("Searches of the log are slow."), Say::tr("Their index cannot be kept. The administrator mends the reason."), line);
        case pb::Warning::STANDBY_STOPPED: return elsewhere(Tone::bad, Say::tr("The standby machine gets nothing more."), Say::tr("What is sold now would be lost with this machine. The administrator mends the reason; it goes on by itself then."), line);
        case pb::Warning::STANDBY_COPYING: return elsewhere(Tone::attention, Say::tr("No standby machine can take over yet."), Say::tr("The database is being copied for it."));
        case pb::Warning::STANDBY_LATE: return elsewhere(Tone::attention, Say::tr("The standby machine is %1 behind.").arg(parts::duration(s.standby_lag_ms())), Say::tr("What it does not have would be lost with this machine. The administrator sees to what carries %1.").arg(text(s.standby())));
        case pb::Warning::DROP_FAILING: return elsewhere(Tone::attention, Say::tr("Checkpoints do not get to their folder."), Say::tr("They prove nothing outside while they stay on this machine. The administrator mends the reason; they follow by themselves then."), line);
        case pb::Warning::WITNESS_FAILING: return elsewhere(Tone::attention, Say::tr("Checkpoints are not signed by the witness %1.").arg(text(w.subject())), Say::tr("It does not vouch for the newest part of the log. The administrator mends the reason; they follow by themselves then."), line);
        case pb::Warning::STATION_HELD: return {Tone::attention, Say::tr("Station %1 is held for an unusual burst of sales.").arg(text(w.subject())), Say::tr("It sells nothing until an officer has looked at it and lets it sell again."), {}, QStringLiteral("stations"), text(w.subject())};
        case pb::Warning::CRL_MISSING:
        case pb::Warning::CRL_UNPUBLISHED:
        case pb::Warning::CRL_OVER:
        case pb::Warning::CRL_BEHIND:
        case pb::Warning::CRL_ENDS: return of_revocation_list(w, line, s.officers() > 0, list_asked_for);
        case pb::Warning::MASTER_LACKS: return of_ukey(w, Say::tr("Master-control UKEY %1 lacks masters that another has.").arg(text(w.subject())), Say::tr("It could not take the other's place. Plug both in, and give it the new masters."));
        case pb::Warning::MASTER_OUTDATED: return of_ukey(w, Say::tr("Master-control UKEY %1 still opens with what former officers had.").arg(text(w.subject())), Say::tr("Plug it in, and run the next request that is approved: it follows then."));
        case pb::Warning::UKEYS_END: return of_ukey(w, Say::tr("%n UKEY(s) will end soon.", nullptr, static_cast<int>(w.count())), Say::tr("The first is %1, on %2. Renew it while its holder can come.").arg(text(w.subject()), parts::day(w.at_ms())));
        case pb::Warning::BACKUP_MISSING: return on_keys("backup", Tone::attention, Say::tr("No backup was ever made."), Say::tr("If this machine is lost, so are the log and all that was sold."));
        case pb::Warning::BACKUP_OLD: return on_keys("backup", Tone::attention, Say::tr("The last backup was made on %1.").arg(parts::day(w.at_ms())), Say::tr("What happened since would be lost with this machine."));
        case pb::Warning::SEALED: return elsewhere(Tone::bad, Say::tr("The service sealed itself, or does not open."), Say::tr("See to the reason before it is unsealed."), line);
        default: return elsewhere(Tone::attention, {}, line);  // a newer service's, or one that nobody has named
    }
}

constexpr std::size_t kMost = 40;  ///< more than there are kinds of them

}  // namespace

std::vector<Alarm> alarms_of(const pb::StatusReply& status, std::uint64_t list_asked_for) {
    std::vector<Alarm> out;
    for (int i = 0; i < status.warnings_size(); ++i) {
        const QString line = text(status.warnings(i));
        out.push_back(i < status.warned_of_size() ? alarm_of(status.warned_of(i), line, status, list_asked_for) : alarm_of({}, line, status, list_asked_for));
    }
    if (out.size() <= kMost) return out;
    // A page that shows without end what a service says can be held up by it.
    std::ranges::stable_partition(out, [](const Alarm& a) { return a.tone == Tone::bad; });
    const std::size_t more = out.size() - kMost;
    out.resize(kMost);
    out.push_back(elsewhere(Tone::attention, Say::tr("%n more warning(s)", nullptr, static_cast<int>(more)), Say::tr("'kmpctl status' lists them all.")));
    return out;
}

}  // namespace ui::home
