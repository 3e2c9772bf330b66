#include "ui/first_start/ceremony.h"

#include <QCoreApplication>
#include <algorithm>

#include "ui/parts/words.h"

namespace ui::first_start {
namespace {

constexpr qsizetype kLongestName = 64;  // bytes, as the service takes it

struct Say {
    Q_DECLARE_TR_FUNCTIONS(ceremony)
};

bool fits(const QString& name) { return name.toUtf8().size() <= kLongestName; }

}  // namespace

QStringList Ceremony::roles() const {
    QStringList out{QStringLiteral("platform"), QStringLiteral("master")};
    if (by_officers())
        for (qsizetype i = 0; i < officers.size(); ++i) out << QStringLiteral("officer%1").arg(i + 1);
    return out;
}

QString Ceremony::role_word(const QString& role) const {
    if (role == QStringLiteral("platform")) return Say::tr("platform UKEY");
    if (role == QStringLiteral("master")) return Say::tr("master-control UKEY");
    return Say::tr("officer UKEY of %1").arg(officers.value(role.mid(7).toInt() - 1).trimmed());
}

void Ceremony::put(const QString& role, const QString& reader) {
    std::erase_if(places_, [&](const Place& p) { return p.role == role || p.reader == reader; });
    if (!reader.isEmpty()) places_.push_back({role, reader});
}

QString Ceremony::reader_of(const QString& role) const {
    const auto at = std::ranges::find(places_, role, &Place::role);
    return at == places_.end() ? QString() : at->reader;
}

QString Ceremony::next_role() const {
    for (const QString& role : roles())
        if (reader_of(role).isEmpty()) return role;
    return {};
}

QString Ceremony::missing_utility() const {
    if (utility.trimmed().isEmpty()) return Say::tr("Give the utility's name.");
    if (!fits(utility.trimmed())) return Say::tr("The name is too long: it has at most 64 bytes.");
    return {};
}

QString Ceremony::missing_people() const {
    if (holders == Holders::undecided) return Say::tr("Choose who holds the master-control UKEY.");
    if (!by_officers()) return {};
    QStringList seen;
    for (const QString& officer : officers) {
        const QString name = officer.trimmed();
        if (name.isEmpty()) return Say::tr("Give every officer's name.");
        if (!fits(name)) return Say::tr("The name is too long: it has at most 64 bytes.");
        if (seen.contains(name)) return Say::tr("%1 stands there twice: one person counts once.").arg(name);
        seen << name;
    }
    if (needed < kFewestOfficers || needed > officers.size()) return Say::tr("At least 2 must agree, and no more than there are.");
    return {};
}

QString Ceremony::missing_places() const {
    const QString role = next_role();
    return role.isEmpty() ? QString() : Say::tr("Plug in a blank UKEY that becomes the %1, and choose it.").arg(role_word(role));
}

QStringList Ceremony::sentences() const {
    QStringList out;
    out << Say::tr("The platform of %1 is set up. Its day begins at midnight of UTC%2, for good.").arg(utility.trimmed(), parts::utc_offset(day_offset_minutes));
    for (const QString& role : roles()) out << Say::tr("The blank UKEY in reader %1 becomes the %2.").arg(reader_of(role), role_word(role));
    if (by_officers()) out << Say::tr("Nobody will know the PIN of the master-control UKEY: %1 of %2 officers open it together.").arg(needed).arg(officers.size());
    out << Say::tr("The keys of the meters are drawn inside the master-control UKEY, and the log begins.");
    return out;
}

pb::AdminRequest Ceremony::request() const {
    pb::AdminRequest out;
    pb::Init& init = *out.mutable_init();
    init.set_utility(parts::bytes(utility.trimmed()));
    init.set_day_offset_minutes(day_offset_minutes);
    init.set_platform_reader(parts::bytes(reader_of(QStringLiteral("platform"))));
    init.set_master_reader(parts::bytes(reader_of(QStringLiteral("master"))));
    if (!by_officers()) return out;
    init.set_quorum(static_cast<std::uint32_t>(needed));
    for (qsizetype i = 0; i < officers.size(); ++i) {
        auto& officer = *init.add_officers();
        officer.set_holder(parts::bytes(officers[i].trimmed()));
        officer.set_reader(parts::bytes(reader_of(QStringLiteral("officer%1").arg(i + 1))));
    }
    return out;
}

}  // namespace ui::first_start
