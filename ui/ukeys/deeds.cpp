#include "ui/ukeys/deeds.h"

#include <QCoreApplication>
#include <QDateTime>
#include <algorithm>

#include "model/ukey.h"
#include "ui/parts/grant_terms.h"
#include "ui/parts/words.h"

namespace ui::ukeys {
namespace {

using parts::Deed;
using parts::FurtherPin;
using parts::Hand;
using parts::text;

struct Say {
    Q_DECLARE_TR_FUNCTIONS(ukeys)
};

/// "user UKEY US-7F3K9Q2M of Han Meimei"
QString named(const pb::Ukey& u) { return Say::tr("%1 %2 of %3").arg(parts::kind_word(u.kind()), text(u.serial()), text(u.holder())); }

FurtherPin its_pin(const pb::Ukey& u) { return {"ukey", Say::tr("PIN of UKEY %1").arg(text(u.serial())), false, u.serial()}; }
FurtherPin new_pin(const std::string& role, const pb::Ukey& u) { return {role, Say::tr("New PIN of UKEY %1").arg(text(u.serial())), true, u.serial()}; }

Hand hand_of(const pb::Ukey& u, Act act) {
    const auto kind = model::parse_ukey_kind(u.kind());
    const auto action = model::parse_ukey_action(action_of(act));
    return !kind || !action || model::takes_quorum(*kind, *action) ? Hand::master : Hand::officer;
}

/// What stops when it is refused: its station, its sessions, its accounts.
QStringList what_stops(const pb::Ukey& u, int accounts) {
    QStringList out;
    if (u.kind() == "user") {
        const QString station = u.has_terms() ? text(u.terms().station()) : QString();
        out << (station.isEmpty() ? Say::tr("It sells nothing more, and its open sessions end within a second.") : Say::tr("Station %1 sells nothing more with it, and its open sessions end within a second.").arg(station));
        if (accounts > 0) out << Say::tr("%n network account(s) that use it stop working.", nullptr, accounts);
        else if (accounts < 0) out << Say::tr("Network accounts that use it stop working.");
    } else if (u.kind() == "key") {
        out << Say::tr("It downloads and recovers no keys any more, and its open sessions end within a second.");
    } else if (u.kind() == "auditor") {
        out << Say::tr("Its holder cannot read the log any more; a login with it ends within a second.");
    } else if (u.kind() == "officer") {
        out << Say::tr("Its holder's agreement counts no more, in requests that wait either.");
    } else if (u.kind() == "master-control") {
        out << Say::tr("Nothing is issued, renewed or revoked with it any more: another master-control UKEY does that. It does this, too: plug that one in, in this one's place.");
        out << Say::tr("What it certified goes on, but no other one can sign its revocation list: renew those UKEYs with another master-control UKEY.");
    }
    return out;
}

QString rotation_advice(const pb::Ukey& u) {
    if (u.masters().empty()) return {};
    QStringList masters;
    for (const std::string& m : u.masters()) masters << parts::masters_words(m);
    return Say::tr("It holds masters of the meters' keys (%1). If somebody else may have it, draw new ones afterwards, on the page Keys.").arg(masters.join(QStringLiteral(", ")));
}

Deed change(Act act, const pb::Ukey& u, const QString& title, const QString& button, const QString& done) {
    Deed deed;
    deed.title = title;
    deed.button = button;
    deed.hand = hand_of(u, act);
    deed.request = [serial = u.serial(), action = std::string(action_of(act))](const QString& reason, const std::string& officer) {
        pb::AdminRequest request;
        auto& c = *request.mutable_ukey_change();
        c.set_serial(serial);
        c.set_action(action);
        c.set_reason(parts::bytes(reason));
        c.set_officer(officer);
        return request;
    };
    deed.outcome = [done](const pb::AdminReply&) { return done; };
    return deed;
}

}  // namespace

Deed deed_for(Act act, const pb::Ukey& u, int accounts) {
    const QString serial = text(u.serial());
    switch (act) {
        case Act::suspend: {
            Deed deed = change(act, u, Say::tr("Suspend UKEY %1").arg(serial), Say::tr("Suspend"), Say::tr("UKEY %1 is suspended. Resume lifts it.").arg(serial));
            deed.what = QStringList{Say::tr("The %1 is refused at once.").arg(named(u))} + what_stops(u, accounts);
            deed.what << Say::tr("An officer can resume it at any time.");
            deed.wants_reason = true;
            return deed;
        }
        case Act::resume: {
            Deed deed = change(act, u, Say::tr("Resume UKEY %1").arg(serial), Say::tr("Resume"), Say::tr("UKEY %1 is in use again.").arg(serial));
            deed.what = {Say::tr("The %1 works again, with the grant and the PIN that it had.").arg(named(u))};
            return deed;
        }
        case Act::report_lost: {
            Deed deed = change(act, u, Say::tr("Report UKEY %1 lost").arg(serial), Say::tr("Report lost"), Say::tr("UKEY %1 is reported lost and refused from now on. Revoke it next.").arg(serial));
            deed.what = QStringList{Say::tr("The %1 is refused at once.").arg(named(u))} + what_stops(u, accounts);
            deed.warning = Say::tr("It cannot be taken back: a UKEY that is found again is issued anew. If you are not sure, suspend it.");
            if (const QString advice = rotation_advice(u); !advice.isEmpty()) deed.what << advice;
            deed.danger = true;
            deed.wants_reason = true;
            return deed;
        }
        case Act::revoke: {
            Deed deed = change(act, u, Say::tr("Revoke UKEY %1").arg(serial), Say::tr("Revoke"), Say::tr("UKEY %1 is revoked for good.").arg(serial));
            deed.what = QStringList{Say::tr("The %1 never works again, and stands in the revocation list.").arg(named(u))} + what_stops(u, accounts);
            if (const QString advice = rotation_advice(u); !advice.isEmpty()) deed.what << advice;
            deed.warning = Say::tr("It cannot be taken back. Its holder needs another UKEY.");
            deed.danger = true;
            deed.wants_reason = true;
            return deed;
        }
        case Act::unblock: {
            Deed deed = change(act, u, Say::tr("Unblock UKEY %1").arg(serial), Say::tr("Unblock"), Say::tr("UKEY %1 is in use again, with the new PIN. Its holder changes it before the first use.").arg(serial));
            deed.what = {Say::tr("The %1 gets a new PIN; wrong ones are forgotten.").arg(named(u)), Say::tr("Its holder must change it before it works.")};
            if (u.attended()) deed.what << Say::tr("Its PIN is not kept any more: it opens by its holder's hand again.");
            deed.pins = {new_pin("ukey", u)};
            return deed;
        }
        case Act::destroy: {
            Deed deed = change(act, u, Say::tr("Erase UKEY %1").arg(serial), Say::tr("Erase"), Say::tr("UKEY %1 is erased.").arg(serial));
            deed.what = {Say::tr("Every key on the token of the %1 is erased.").arg(named(u)), Say::tr("A soft UKEY is blank afterwards and can be issued again.")};
            deed.warning = Say::tr("It cannot be taken back.");
            deed.danger = true;
            return deed;
        }
        case Act::set_pin: {
            Deed deed;
            deed.title = Say::tr("Change the PIN of UKEY %1").arg(serial);
            deed.button = Say::tr("Change PIN");
            deed.what = {Say::tr("Its holder types the present PIN, and the new one twice.")};
            deed.pins = {{"ukey", Say::tr("Present PIN"), false, u.serial()}, {"fresh", Say::tr("New PIN"), true, u.serial()}};
            deed.request = [serial_bytes = u.serial()](const QString&, const std::string&) {
                pb::AdminRequest request;
                request.mutable_ukey_set_pin()->set_serial(serial_bytes);
                return request;
            };
            deed.outcome = [serial](const pb::AdminReply&) { return Say::tr("The PIN of UKEY %1 is changed.").arg(serial); };
            return deed;
        }
        case Act::inject: {
            Deed deed;
            deed.title = Say::tr("Give masters to UKEY %1").arg(serial);
            deed.button = Say::tr("Give masters");
            deed.what = {Say::tr("The %1 gets the masters that its grant allows and that it lacks, of every key version.").arg(named(u)), Say::tr("They travel wrapped for this UKEY alone.")};
            deed.hand = Hand::master;
            deed.pins = {its_pin(u)};
            deed.request = [serial_bytes = u.serial()](const QString&, const std::string&) {
                pb::AdminRequest request;
                request.mutable_ukey_inject()->set_serial(serial_bytes);
                return request;
            };
            deed.outcome = [serial](const pb::AdminReply&) { return Say::tr("UKEY %1 holds every master that its grant allows.").arg(serial); };
            return deed;
        }
        case Act::attend:
        case Act::forget_pin: {
            const bool end = act == Act::forget_pin;
            Deed deed;
            deed.title = end ? Say::tr("UKEY %1 no longer opens by itself").arg(serial) : Say::tr("Let UKEY %1 open by itself").arg(serial);
            deed.button = end ? Say::tr("Forget its PIN") : Say::tr("Keep its PIN");
            if (end) {
                deed.what = {Say::tr("Its kept PIN is forgotten."), Say::tr("After a pull or a restart somebody types it before the station or its accounts can work again.")};
            } else {
                deed.what = {Say::tr("Its PIN is kept, sealed by the platform UKEY."), Say::tr("After a pull or a restart it works again without anybody's hand, while it is plugged in and the platform is open.")};
                deed.pins = {its_pin(u)};
            }
            deed.request = [serial_bytes = u.serial(), end](const QString&, const std::string&) {
                pb::AdminRequest request;
                request.mutable_ukey_attend()->set_serial(serial_bytes);
                request.mutable_ukey_attend()->set_end(end);
                return request;
            };
            deed.outcome = [serial, end](const pb::AdminReply&) { return end ? Say::tr("The PIN of UKEY %1 is forgotten.").arg(serial) : Say::tr("UKEY %1 opens by itself while the platform is open.").arg(serial); };
            return deed;
        }
        case Act::renew:
        case Act::grant: break;
    }
    return {};
}

QDate renewed_until(const pb::Ukey& u, const QDate& today) { return std::max(today, QDateTime::fromMSecsSinceEpoch(u.not_after_ms()).date()).addYears(1); }

Deed renew_deed(const pb::Ukey& u, std::function<base::Millis()> until) {
    Deed deed;
    const QString serial = text(u.serial());
    deed.title = Say::tr("Renew UKEY %1").arg(serial);
    deed.button = Say::tr("Renew");
    deed.what = {Say::tr("The keys on the %1 stay; they get new certificates, and its grant the new end.").arg(named(u)), Say::tr("At present it is valid until %1.").arg(parts::moment(u.not_after_ms())), Say::tr("Its holder types its PIN.")};
    deed.hand = Hand::master;
    deed.pins = {its_pin(u)};
    deed.request = [serial_bytes = u.serial(), until = std::move(until)](const QString&, const std::string&) {
        pb::AdminRequest request;
        request.mutable_ukey_renew()->set_serial(serial_bytes);
        request.mutable_ukey_renew()->set_not_after_ms(until());
        return request;
    };
    deed.outcome = [serial](const pb::AdminReply& reply) { return Say::tr("UKEY %1 is renewed. It is valid until %2.").arg(serial, parts::moment(reply.ukey_change().ukey().not_after_ms())); };
    return deed;
}

Deed grant_deed(const pb::Ukey& u, const pb::GrantTerms& before, const pb::GrantTerms& after, bool quorum) {
    Deed deed;
    const QString serial = text(u.serial());
    deed.title = Say::tr("Change the grant of UKEY %1").arg(serial);
    deed.button = Say::tr("Change the grant");
    deed.what = parts::differences(before, after);
    deed.hand = Hand::master;
    if (quorum) {
        const auto kind = model::parse_ukey_kind(u.kind());
        const base::Millis now = base::SystemClock().now();
        const auto old_grant = kind ? parts::grant_of(before, *kind, now) : base::Result<model::Grant>(kind.error());
        const auto new_grant = kind ? parts::grant_of(after, *kind, now) : base::Result<model::Grant>(kind.error());
        // The service judges it again; this only says beforehand whose hand it takes.
        if (old_grant && new_grant && model::narrower(*new_grant, *old_grant)) {
            deed.hand = Hand::officer;
            deed.what << Say::tr("It allows no more than before in any point: one officer suffices.");
        }
    }
    deed.what << Say::tr("It holds for the next request of a running session.");
    deed.request = [serial_bytes = u.serial(), after](const QString&, const std::string& officer) {
        pb::AdminRequest request;
        auto& set = *request.mutable_grant_set();
        set.set_serial(serial_bytes);
        *set.mutable_terms() = after;
        set.set_officer(officer);
        return request;
    };
    deed.outcome = [serial](const pb::AdminReply&) { return Say::tr("The grant of UKEY %1 is set.").arg(serial); };
    return deed;
}

}  // namespace ui::ukeys
