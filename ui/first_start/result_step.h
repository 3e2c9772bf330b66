#pragma once
#include "ui/parts/wizard.h"

class QLabel;
class QPlainTextEdit;

namespace ui::parts {
class Figures;
class Notice;
}

namespace ui::first_start {

/// What the ceremony made: serials, the fingerprint to compare, the minutes to sign, and what to do next.
class ResultStep : public parts::Step {
    Q_OBJECT
public:
    /// `reply`: the service's answer, once there is one.
    ResultStep(std::function<link::pb::InitReply()> reply, QWidget* parent);
    void enter() override;
    bool is_settled() const override { return true; }
    void imagine() override;

private:
    void show_made(const link::pb::InitReply& done);
    void save();
    void print();
    std::function<link::pb::InitReply()> reply_;
    parts::Figures* made_;
    QLabel* fingerprint_;
    QPlainTextEdit* minutes_;
    parts::Notice* outcome_;
};

/// In groups, for eyes and for reading aloud.
QString fingerprint_lines(const QString& fingerprint);

}  // namespace ui::first_start
