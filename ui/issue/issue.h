#pragma once
#include <QString>
#include <QStringList>

#include "base/clock.h"
#include "wire/pb.h"

class QWidget;

namespace ui::parts {
class TypistField;
}

namespace ui::issue {

namespace pb = wire::pb;

/// One UKEY that is to be issued, as it is put together step by step.
class Issue {
public:
    QString kind = QStringLiteral("user");  ///< user, key, auditor, master-control
    QString reader;
    QString holder;
    QString reason;              ///< of a further master-control UKEY
    pb::GrantTerms terms;        ///< of a user or key UKEY
    base::Millis not_after = 0;  ///< of an auditor UKEY
    bool holder_types_pin = false;

    bool has_grant() const { return kind == QStringLiteral("user") || kind == QStringLiteral("key"); }
    bool is_master() const { return kind == QStringLiteral("master-control"); }
    /// What keeps it from going on, in a sentence; empty: nothing.
    QString missing() const;
    /// Exactly what will happen. `officers`: it becomes a request.
    QStringList sentences(bool officers) const;
    /// What was done, and what to do next.
    QString outcome(const pb::AdminReply& reply) const;
    pb::AdminRequest request() const;
};

/// The terms of a grant that is given now, a sentence each, and always until when.
QStringList grant_sentences(const pb::GrantTerms& terms);

/// Who types the PIN of a new UKEY, and what follows from it.
parts::TypistField* typist_of(QWidget* parent);

/// Why nobody can be called this; empty: they can.
QString problem_of_holder(const QString& name);

}  // namespace ui::issue
