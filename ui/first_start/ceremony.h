#pragma once
#include <QString>
#include <QStringList>
#include <cstdint>
#include <vector>

#include "wire/pb.h"

namespace ui::first_start {

namespace pb = wire::pb;

inline constexpr int kFewestOfficers = 2;
inline constexpr int kMostOfficers = 16;

/// What a ceremony is to make, as it is put together step by step.
class Ceremony {
public:
    QString utility;
    int day_offset_minutes = 480;
    enum class Holders { undecided, one, officers };
    Holders holders = Holders::undecided;  ///< of the master-control UKEY; nobody decides it by pressing Next
    QStringList officers{QString(), QString(), QString()};  ///< names; they count only with Holders::officers
    int needed = 2;

    bool by_officers() const { return holders == Holders::officers; }
    /// Who gets a UKEY, in the order of their PINs: "platform", "master", and with officers "officer1" ..
    QStringList roles() const;
    /// What people call it: "platform UKEY", "officer Wang Fang".
    QString role_word(const QString& role) const;
    /// Role `role` lies in `reader`; a reader has one role, so another one loses it. Empty: in none any more.
    void put(const QString& role, const QString& reader);
    QString reader_of(const QString& role) const;
    /// The first role that has no reader yet; empty: all have one.
    QString next_role() const;

    /// What keeps it from going on, in a sentence; empty: nothing.
    QString missing_utility() const;
    QString missing_people() const;
    QString missing_places() const;

    QStringList sentences() const;
    pb::AdminRequest request() const;

private:
    struct Place {
        QString role;
        QString reader;
    };
    std::vector<Place> places_;
};

}  // namespace ui::first_start
