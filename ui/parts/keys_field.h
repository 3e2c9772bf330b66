#pragma once
#include <QLineEdit>
#include <QStringList>
#include <string>

class QFormLayout;

namespace ui::link {
class Link;
}

namespace ui::parts {

/// The keys that checkpoints and proofs are checked with: the one that this computer believes, or those that somebody put in.
class KeysField : public QLineEdit {
    Q_OBJECT
public:
    explicit KeysField(QWidget* parent);
    void add_to(QFormLayout& form);
    /// Reads what this computer believes, on another thread.
    void read(const link::Link& link);
    /// What this computer believes: it takes the place of what it believed before, and of nothing that somebody put in.
    void know(const std::string& key);
    /// As C2SP writes them.
    QStringList keys() const;

private:
    QString known_;
};

}  // namespace ui::parts
