#include "ui/approvals/request_words.h"

#include <QCoreApplication>
#include <algorithm>
#include <array>
#include <map>

#include "base/clock.h"
#include "ui/parts/word_table.h"
#include "ui/parts/words.h"

namespace ui::approvals {
namespace {

using parts::text;
using parts::Tone;
using parts::Word;

/// Where the translation of these words is looked for.
struct Say {
    Q_DECLARE_TR_FUNCTIONS(approvals)
};

/// In the order in which they are read.
constexpr std::array kNames{
    Word{"caution", QT_TRANSLATE_NOOP("approvals", "Caution")},
    Word{"name", QT_TRANSLATE_NOOP("approvals", "Account")},
    Word{"new_password_for", QT_TRANSLATE_NOOP("approvals", "New password for account")},
    Word{"ukey", QT_TRANSLATE_NOOP("approvals", "UKEY")},
    Word{"kind", QT_TRANSLATE_NOOP("approvals", "Kind")},
    Word{"action", QT_TRANSLATE_NOOP("approvals", "Step")},
    Word{"holder", QT_TRANSLATE_NOOP("approvals", "Holder")},
    Word{"reader", QT_TRANSLATE_NOOP("approvals", "In reader")},
    Word{"version", QT_TRANSLATE_NOOP("approvals", "Version")},
    Word{"up_to_version", QT_TRANSLATE_NOOP("approvals", "Up to version")},
    Word{"classes", QT_TRANSLATE_NOOP("approvals", "New masters of class")},
    Word{"masters", QT_TRANSLATE_NOOP("approvals", "Masters")},
    Word{"meters_lost", QT_TRANSLATE_NOOP("approvals", "Meters lost")},
    Word{"meter", QT_TRANSLATE_NOOP("approvals", "Meter")},
    Word{"days", QT_TRANSLATE_NOOP("approvals", "For days")},
    Word{"folder", QT_TRANSLATE_NOOP("approvals", "Folder")},
    Word{"officers_gone", QT_TRANSLATE_NOOP("approvals", "Officers who go")},
    Word{"officers_new", QT_TRANSLATE_NOOP("approvals", "Officers who come")},
    Word{"officers_kept", QT_TRANSLATE_NOOP("approvals", "Officers who stay")},
    Word{"needed", QT_TRANSLATE_NOOP("approvals", "How many must agree")},
    Word{"grant", QT_TRANSLATE_NOOP("approvals", "Grant")},
    Word{"account", QT_TRANSLATE_NOOP("approvals", "Terms of the account")},
    Word{"retention", QT_TRANSLATE_NOOP("approvals", "Retention")},
    Word{"live_days", QT_TRANSLATE_NOOP("approvals", "Days in the live log")},
    Word{"keep_days", QT_TRANSLATE_NOOP("approvals", "Days that segments are kept")},
    Word{"subject", QT_TRANSLATE_NOOP("approvals", "Subject")},
    Word{"key_fingerprint", QT_TRANSLATE_NOOP("approvals", "Key (SHA-256)")},
    Word{"valid_until", QT_TRANSLATE_NOOP("approvals", "Valid until")},
    Word{"pin", QT_TRANSLATE_NOOP("approvals", "PIN")},
    Word{"password", QT_TRANSLATE_NOOP("approvals", "Password")},
    Word{"reason", QT_TRANSLATE_NOOP("approvals", "Reason")},
};

QString lines(const QString& value) { return QString(value).replace(QStringLiteral("; "), QStringLiteral("\n")); }

QString value_of(std::string_view term, const std::string& value) {
    if (term == "kind") return parts::kind_word(value);
    if (term == "action") return parts::action_word(value);
    if (term == "masters") return parts::masters_words(value);
    if (term == "classes") {
        QStringList out;
        for (const QString& c : text(value).split(QStringLiteral(", "))) out << parts::class_word(c.toStdString());
        return out.join(Say::tr(", "));
    }
    if (term == "valid_until") {
        const auto time = base::from_rfc3339(value);
        return time ? parts::moment(*time) : text(value);
    }
    if (term == "meters_lost") return value == "0" ? Say::tr("none") : text(value);
    if (term == "key_fingerprint") return parts::fingerprint(value);
    // The service's own words; clauses under each other, for they are long.
    if (term == "grant" || term == "account" || term.starts_with("officers_")) return lines(text(value));
    return text(value);
}

Tone tone_of(std::string_view term, const std::string& value) {
    if (term == "caution") return Tone::attention;
    if (term == "meters_lost" && value != "0") return Tone::bad;
    return Tone::plain;
}

}  // namespace

std::string term(const pb::Request& r, const char* name) {
    const auto at = r.terms().find(name);
    return at == r.terms().end() ? std::string() : at->second;
}

std::vector<Term> terms_of(const pb::Request& request) {
    std::map<std::string, std::string> left(request.terms().begin(), request.terms().end());
    std::vector<Term> out;
    for (const Word& n : kNames) {
        const auto at = left.find(std::string(n.name));
        if (at == left.end()) continue;
        if (!at->second.empty()) out.push_back({Say::tr(n.text), value_of(n.name, at->second), tone_of(n.name, at->second)});
        left.erase(at);
    }
    for (const auto& [name, value] : left)
        if (!value.empty()) out.push_back({text(name), text(value), Tone::plain});
    return out;
}

QString title_of(const pb::Request& r) {
    const std::string action = term(r, "action");
    if (r.deed() == "revoke" && action == "suspend") return Say::tr("Suspend a UKEY");
    if (r.deed() == "revoke" && action == "resume") return Say::tr("Resume a UKEY");
    if (r.deed() == "revoke" && action == "report-lost") return Say::tr("Report a UKEY lost");
    return parts::deed_word(r.deed());
}

QString subject_of(const pb::Request& request) {
    QStringList out;
    for (const char* name : {"new_password_for", "name", "ukey", "holder", "version", "meter", "folder"}) {
        const std::string value = term(request, name);
        if (value.empty()) continue;
        if (std::string_view(name) == "version") out << Say::tr("version %1").arg(text(value));
        else if (std::string_view(name) == "meter") out << Say::tr("meter %1").arg(text(value));
        else out << text(value);
    }
    return out.join(Say::tr(", "));
}

QString agreement_of(const pb::Request& r) { return Say::tr("%1 of %2 officers agree").arg(r.agreeing()).arg(r.needed()); }

bool is_open(const pb::Request& r) { return r.state() == "waiting" || r.state() == "approved"; }
bool can_run(const pb::Request& r) { return r.state() == "approved" && r.shares() >= r.needed(); }

Standing standing_of(const pb::Request& r, std::int64_t shares_left_ms) {
    const std::string& state = r.state();
    if (state == "waiting") {
        const int missing = static_cast<int>(r.needed()) - static_cast<int>(r.agreeing());
        return {Tone::attention, Say::tr("%n more officer(s) must agree.", nullptr, missing), Say::tr("Until %1. Each of them plugs in their UKEY and chooses Approve.").arg(parts::moment(r.expires_ms()))};
    }
    if (state == "approved" && can_run(r)) {
        const QString kept = shares_left_ms <= 0 ? Say::tr("The officers' shares are kept for some minutes only.")
                                                 : Say::tr("The officers' shares are kept for %1:%2 more.").arg(shares_left_ms / base::kMinute).arg(shares_left_ms / base::kSecond % 60, 2, 10, QLatin1Char('0'));
        return {Tone::good, Say::tr("It is approved and can be run now."), kept};
    }
    if (state == "approved")
        return {Tone::attention, Say::tr("It is approved, but %1 of %2 shares are at hand.").arg(r.shares()).arg(r.needed()), Say::tr("Shares are kept for ten minutes. Officers who agreed approve again, with their UKEYs, and then it can be run.")};
    if (state == "rejected") return {Tone::bad, Say::tr("It was rejected."), Say::tr("Nothing was done. Whoever still wants it asks anew.")};
    if (state == "expired") return {Tone::muted, Say::tr("Its time is over."), Say::tr("Nothing was done. Whoever still wants it asks anew.")};
    if (state == "void") return {Tone::muted, Say::tr("It is void: the officers changed."), Say::tr("Nothing was done. Whoever still wants it asks anew.")};
    if (state == "done") return {Tone::good, Say::tr("It was done."), {}};
    if (state == "failed") return {Tone::bad, Say::tr("It failed."), text(r.outcome())};
    return {Tone::plain, parts::request_state_word(state), text(r.outcome())};
}

int officers_in_use(const pb::Quorum& quorum) { return static_cast<int>(std::ranges::count(quorum.officers(), "issued", &pb::QuorumOfficer::state)); }

QString too_few_without(const pb::Quorum& quorum, std::string_view ukey) {
    const auto gone = std::ranges::find(quorum.officers(), ukey, &pb::QuorumOfficer::ukey);
    if (gone == quorum.officers().end()) return {};
    const int left = officers_in_use(quorum) - (gone->state() == "issued" ? 1 : 0);
    const int needed = static_cast<int>(quorum.needed());
    if (left > needed) return {};
    const QString rather = Say::tr("Rather put another in this one's place: “Change the officers” on the page Approvals.");
    if (left < needed) return Say::tr("%1 of the officers must agree, and only %2 would be left: nothing could be decided any more.").arg(needed).arg(left) + QLatin1Char(' ') + rather;
    return Say::tr("Only %1 officers would be left, and all of them must agree: one more lost UKEY would end everything.").arg(left) + QLatin1Char(' ') + rather;
}

QString too_few_after(const pb::Quorum& quorum, const pb::Request& r) {
    const std::string action = term(r, "action");
    return action == "revoke" || action == "report-lost" ? too_few_without(quorum, term(r, "ukey")) : QString();
}

QString outcome_of(const pb::Request& r, const pb::AdminReply& reply) {
    const QString done = Say::tr("Request %1 is done: %2.").arg(r.number()).arg(title_of(r));
    if (reply.has_ukey_issue()) {
        const pb::Ukey& u = reply.ukey_issue().ukey();
        return done + QLatin1Char('\n') + Say::tr("%1 %2 is made for %3.").arg(parts::kind_word(u.kind()), text(u.serial()), text(u.holder())) +
               (u.must_change_pin() ? QLatin1Char('\n') + Say::tr("Its holder changes the PIN before the first use.") : QString());
    }
    if (reply.has_ukey_change()) return done + QLatin1Char('\n') + Say::tr("UKEY %1 is %2 now.").arg(text(reply.ukey_change().ukey().serial()), parts::state_word(reply.ukey_change().ukey().state()));
    if (reply.has_account_add()) {
        const pb::Account& a = reply.account_add().account();
        return done + QLatin1Char('\n') + Say::tr("Account %1 is %2.").arg(text(a.name()), parts::account_state_word(a.state())) +
               (a.must_change_password() ? QLatin1Char('\n') + Say::tr("Its holder changes the password before the first use.") : QString());
    }
    if (reply.has_keys_list()) {
        if (r.deed() == "destroy-version") return done + QLatin1Char('\n') + Say::tr("Version %1 is gone from the master-control UKEY.").arg(text(term(r, "version")));
        return done + QLatin1Char('\n') + Say::tr("Give version %1 to the UKEYs that lack it, then to the meters: the page Keys shows how far that is.").arg(text(term(r, "version")));
    }
    if (reply.has_backup()) return done + QLatin1Char('\n') + Say::tr("The backup is in %1: %2 events, SHA-256 of the database %3. Carry it away.").arg(text(reply.backup().folder()), parts::number(reply.backup().events()), parts::fingerprint(reply.backup().database_hash()));
    if (reply.has_meter_show()) return done + QLatin1Char('\n') + Say::tr("Meter %1 may download its keys until %2.").arg(parts::meter_number(reply.meter_show().meter().number()), parts::moment(reply.meter_show().meter().download_until_ms()));
    if (reply.has_quorum_show()) {
        const pb::Quorum& q = reply.quorum_show().quorum();
        return done + QLatin1Char('\n') + Say::tr("%1 of %2 officers must agree now. Requests that waited are void.").arg(q.needed()).arg(q.officers_size());
    }
    if (reply.has_crl_refresh() && reply.crl_refresh().lists_size() > 0)
        return done + QLatin1Char('\n') + Say::tr("Revocation list %1 holds until %2.").arg(reply.crl_refresh().lists(0).number()).arg(parts::moment(reply.crl_refresh().lists(0).next_update_ms()));
    if (reply.has_pki_request()) return done + QLatin1Char('\n') + text(reply.pki_request().request_pem());
    return done;
}

}  // namespace ui::approvals
