#pragma once
#include <QWidget>
#include <vector>

#include "ui/link/link.h"

class QCheckBox;
class QComboBox;
class QLineEdit;
class QSpinBox;
class QVBoxLayout;

namespace ui::parts {
class Notice;
struct Deed;
}

namespace ui::approvals {

/// Who goes, who comes, how many must agree from then on.
class QuorumChoices : public QWidget {
    Q_OBJECT
public:
    QuorumChoices(link::Link& link, const link::pb::Quorum& quorum, QWidget* parent);
    /// What does not go together yet, one sentence; empty: it does.
    QString lacks() const;
    void fill(link::pb::QuorumChange& change) const;

signals:
    void changed();

private:
    struct Goes {
        std::string ukey;
        QCheckBox* box;
    };
    struct Comes {
        QWidget* row;
        QComboBox* reader;
        QLineEdit* holder;
    };
    void add_row();
    void look();
    int after() const;

    link::Link& link_;
    link::pb::Quorum quorum_;
    std::vector<Goes> goes_;
    std::vector<Comes> comes_;
    QVBoxLayout* rows_;
    QSpinBox* needed_;
    parts::Notice* caution_;
};

/// `choices` becomes the form's that the deed is given to.
parts::Deed changing_officers(QuorumChoices* choices);

}  // namespace ui::approvals
