#pragma once
#include "ui/issue/batch_model.h"
#include "ui/parts/wizard.h"

class QPlainTextEdit;
class QRadioButton;
class QTableView;

namespace ui::parts {
class GrantEditor;
class Notice;
}

namespace ui::issue {

/// What a batch is put together from. Kept beyond the window that asked for it until all of it is done: locking closes that window. It holds no PIN.
struct BatchPlan {
    std::string kind = "user";
    pb::GrantTerms terms;
    QString list;
    bool holders_type_pins = false;
};

/// What all UKEYs of a batch may do, where their rows say nothing else.
class TemplateStep : public parts::Step {
    Q_OBJECT
public:
    TemplateStep(BatchPlan& plan, QWidget* parent);
    QString missing() const override;

private:
    void take();
    BatchPlan& plan_;
    QRadioButton* user_;
    QRadioButton* key_;
    parts::GrantEditor* grant_;
};

/// Who gets one: pasted or loaded, and shown as it was understood.
class ListStep : public parts::Step {
    Q_OBJECT
public:
    ListStep(BatchPlan& plan, BatchModel& rows, QWidget* parent);
    void enter() override { read(); }
    QString missing() const override;
    QWidget* first_field() override;
    void imagine() override;

private:
    void load();
    void read();
    BatchPlan& plan_;
    BatchModel& rows_;
    QPlainTextEdit* text_;
    QTableView* table_;
    parts::Notice* trouble_;
    QString unreadable_;
};

/// A table of rows, as both steps that show one have it.
QTableView* batch_table(BatchModel& rows, QWidget* parent);

}  // namespace ui::issue
