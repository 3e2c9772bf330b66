#include "ui/issue/issue.h"

#include <QCoreApplication>

#include "kmp/terms/grant.h"
#include "model/ukey.h"
#include "ui/parts/grant_terms.h"
#include "ui/parts/typist_field.h"
#include "ui/parts/words.h"

namespace ui::issue {

using parts::TypistField;

namespace {

constexpr qsizetype kLongestHolder = 64;   // bytes, as the service takes them
constexpr qsizetype kLongestReason = 500;

struct Say {
    Q_DECLARE_TR_FUNCTIONS(issue)
};

}  // namespace

QStringList grant_sentences(const pb::GrantTerms& terms) {
    QStringList out = parts::grant_sentences(terms);
    // As the service takes it that is given no end.
    if (terms.not_after_ms() == 0) out << Say::tr("For a year, until %1").arg(parts::moment(parts::now() + kmp::terms::kYear));
    return out;
}

TypistField* typist_of(QWidget* parent) {
    return new parts::TypistField({Say::tr("&Somebody else types the PIN"), Say::tr("Its &holder, who is here, types the PIN"), Say::tr("It is a first PIN: tell it to the holder alone, who must change it before the UKEY works."), Say::tr("Nobody else knows the PIN, and it stays: the UKEY works at once.")}, parent);
}

QString problem_of_holder(const QString& name) {
    if (name.trimmed().isEmpty()) return Say::tr("Name the person who will hold it.");
    if (name.trimmed().toUtf8().size() > kLongestHolder) return Say::tr("The holder's name is too long: it has at most 64 bytes.");
    return {};
}

QString Issue::missing() const {
    if (const QString wrong = problem_of_holder(holder); !wrong.isEmpty()) return wrong;
    if (is_master()) {
        if (reason.trimmed().isEmpty()) return Say::tr("Give the reason, for the log.");
        return reason.trimmed().toUtf8().size() > kLongestReason ? Say::tr("The reason is too long.") : QString();
    }
    if (!has_grant()) return {};
    const auto parsed = model::parse_ukey_kind(parts::bytes(kind));
    return parsed ? parts::problem_of(terms, *parsed, base::SystemClock().now()) : QString();
}

QStringList Issue::sentences(bool officers) const {
    QStringList out;
    const QString who = holder.trimmed();
    if (is_master()) out << Say::tr("The blank UKEY in reader %1 becomes a further master-control UKEY. Its holder is %2.").arg(reader, who);
    else out << Say::tr("The blank UKEY in reader %1 becomes a %2. Its holder is %3.").arg(reader, parts::kind_word(parts::bytes(kind)), who);
    if (kind == QStringLiteral("user")) out << Say::tr("Keys of its own are made inside it, and it gets the masters that its grant names.");
    if (kind == QStringLiteral("key")) out << Say::tr("Keys of its own are made inside it, and it gets the masters that it gives to meters.");
    if (is_master()) out << Say::tr("It gets an issuing key of its own and everything that the first one holds: whoever opens it can do the same.") << Say::tr("It is valid for ten years, as long as the first one's certificate at most.");
    if (has_grant()) out << grant_sentences(terms);
    if (kind == QStringLiteral("auditor")) {
        out << Say::tr("It reads, checks and exports the log, and can change nothing.");
        out << Say::tr("It is valid until %1.").arg(parts::day(not_after != 0 ? not_after : parts::now() + kmp::terms::kYear));
    }
    if (officers && is_master()) out << Say::tr("Its PIN is split among the officers, as that of the first one.");
    else if (officers) out << Say::tr("The PIN is typed when the request is run. Leave the UKEY in this reader until then.");
    return out;
}

QString Issue::outcome(const pb::AdminReply& reply) const {
    const QString serial = parts::text(reply.ukey_issue().ukey().serial());
    const QString done = Say::tr("UKEY %1 is issued.").arg(serial);
    const QString next = is_master() ? Say::tr("Pull it, label it, and put it into another safe than the first.")
                         : holder_types_pin ? Say::tr("Pull it, label it and hand it to %1. It works at once.").arg(holder.trimmed())
                                            : Say::tr("Pull it, label it and hand it to %1, and the PIN by another way. It works once its holder has changed the PIN.").arg(holder.trimmed());
    return done + QLatin1Char('\n') + next;
}

pb::AdminRequest Issue::request() const {
    pb::AdminRequest out;
    if (is_master()) {
        auto& add = *out.mutable_master_add();
        add.set_reader(parts::bytes(reader));
        add.set_holder(parts::bytes(holder.trimmed()));
        add.set_reason(parts::bytes(reason.trimmed()));
        return out;
    }
    auto& issue = *out.mutable_ukey_issue();
    issue.set_kind(parts::bytes(kind));
    issue.set_reader(parts::bytes(reader));
    issue.set_holder(parts::bytes(holder.trimmed()));
    issue.set_holder_chose_pin(holder_types_pin);
    if (has_grant()) {
        *issue.mutable_terms() = terms;
        issue.set_not_after_ms(terms.not_after_ms());
    } else {
        issue.set_not_after_ms(not_after);
    }
    return out;
}

}  // namespace ui::issue
