#pragma once
#include <QWidget>

#include "ui/review/tally_reader.h"

class QComboBox;
class QDateEdit;
class QLabel;
class QPushButton;

namespace ui::parts {
class Notice;
class Working;
}

namespace ui::review {

class ChartPane;
/// Figures of a period: UKEYs issued and revoked, sales of each station, denials by code.
class ChartsView : public QWidget {
    Q_OBJECT
public:
    ChartsView(link::Link& link, QWidget* parent);
    void set_utility(const Utility& utility);
    /// Somebody looks at it: what was not read yet is read. Later readings are asked for.
    void read_first();

private:
    void set_days();
    void choose_period(int number);
    void read();
    void look();
    void take(const TallyReader::Read& read);
    void show_issued(const Tally& tally);
    void show_sales(const Tally& tally);
    void show_denials(const Tally& tally);
    QStringList names_of(const Tally& tally) const;
    QString first_column(const Tally& tally) const;

    Utility utility_;
    TallyReader reader_;
    bool read_once_ = false;
    QComboBox* period_;
    QDateEdit* from_;
    QDateEdit* until_;
    QPushButton* read_;
    parts::Working* working_;
    parts::Notice* notice_;
    QLabel* extent_;
    ChartPane* issued_;
    ChartPane* sales_;
    ChartPane* denials_;
};

}  // namespace ui::review
