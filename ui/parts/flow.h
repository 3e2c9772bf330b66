#pragma once
#include <QLayout>
#include <vector>

namespace ui::parts {

/// One beside the other, and on in the next line where there is no room.
class Flow : public QLayout {
public:
    explicit Flow(QWidget* parent = nullptr, int gap = 6);
    ~Flow() override;

    void addItem(QLayoutItem* item) override;
    int count() const override;
    QLayoutItem* itemAt(int index) const override;
    QLayoutItem* takeAt(int index) override;
    Qt::Orientations expandingDirections() const override { return {}; }
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    QSize sizeHint() const override { return minimumSize(); }
    QSize minimumSize() const override;
    void setGeometry(const QRect& rect) override;

private:
    int place(const QRect& rect, bool really) const;
    std::vector<QLayoutItem*> items_;
    int gap_;
};

}  // namespace ui::parts
