import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { type Fake, type FakeOptions, makeFake } from "../../ipc/fake";
import { setHost } from "../../ipc/host";
import { t } from "../../lib/texts";
import { expectAccessible } from "../../testing/accessible";
import { renderInConsole } from "../../testing/render";
import { RefundsScreen } from "./RefundsScreen";

let fake: Fake;

async function show(shop: Partial<FakeOptions> = {}) {
  fake = makeFake({ orders: 60, delayMs: 0, payoutMs: 20, ...shop });
  setHost(fake.host);
  return renderInConsole(<RefundsScreen />);
}

const detail = () => within(screen.getByRole("complementary", { name: "退款详情" }));
const approve = () => detail().findByRole("button", { name: /^同意退款 ¥/ });

/** Opens the first refund of these words. */
async function open(words: RegExp) {
  const [row] = await screen.findAllByRole("row", { name: words });
  fireEvent.click(row as HTMLElement);
}

describe("a decision", () => {
  it("is sent once for each state that was seen, even where it is made three times in one go", async () => {
    await show();
    await open(/点错了，想换成冰的/);
    const button = await approve();
    const letGo = fake.hold("refundApprove");
    // In one go, so that nothing is drawn in between and only the desk itself can hold the second one back.
    act(() => {
      button.click();
      button.click();
      fireEvent.submit(button.closest("form") as HTMLFormElement);
    });
    await waitFor(() => expect(button).toHaveProperty("ariaBusy", "true"));
    letGo();
    await detail().findByText("微信已受理");
    expect(fake.callsOf("refundApprove")).toHaveLength(1);
  });

  it("that was refused can be made again, and says why it was not taken", async () => {
    await show();
    await open(/点错了，想换成冰的/);
    fake.failNext("refundApprove", { code: "backend_unreachable", retry: "now" });
    fireEvent.click(await approve());
    expect((await detail().findByRole("alert")).textContent).toContain(t("error.backend_unreachable.message"));
    fireEvent.click(await approve());
    await detail().findByText("微信已受理");
    expect(fake.callsOf("refundApprove")).toHaveLength(2);
  });

  it("of a part goes with its amount; of the whole the amount is left to the mirror", async () => {
    const user = userEvent.setup();
    await show();
    await open(/点错了，想换成冰的/);
    await user.click(await detail().findByRole("button", { name: "改金额" }));
    await user.type(detail().getByRole("textbox", { name: "退款金额（元）" }), "1.50{Enter}");
    await detail().findByText("已提交微信");
    expect(fake.callsOf("refundApprove")[0]?.[3]).toBe(150);
    await open(/少送了一个可颂/);
    fireEvent.click(await approve());
    await waitFor(() => expect(fake.callsOf("refundApprove")[1]?.[3]).toBeNull());
  });

  it.each(["processing", "abnormal"])(
    "on a payout that is %s pays what the button shows, also where another terminal fixed that",
    async (payout) => {
      await show();
      await open(/点错了，想换成冰的/);
      fake.changeRefund("whole", { requestedFen: 800, amountFen: 500, payout, terminal: "二楼收银台" });
      fireEvent.click(await detail().findByRole("button", { name: "看过了" }));
      fireEvent.click(await detail().findByRole("button", { name: "同意退款 ¥5.00" }));
      expect(detail().queryByRole("button", { name: "改金额" })).toBeNull();
      await waitFor(() => expect(fake.callsOf("refundApprove")[0]?.[3]).toBe(500));
    },
  );

  it("names its amount where a payout was begun, also when it is the one that was asked for", async () => {
    await show();
    await open(/点错了，想换成冰的/);
    fake.changeRefund("whole", { requestedFen: 800, amountFen: 800, payout: "failed" });
    fireEvent.click(await detail().findByRole("button", { name: "看过了" }));
    fireEvent.click(await detail().findByRole("button", { name: "同意退款 ¥8.00" }));
    await waitFor(() => expect(fake.callsOf("refundApprove")[0]?.[3]).toBe(800));
  });

  it("is not sent with a remark that WeChat would refuse for its length", async () => {
    const user = userEvent.setup();
    await show();
    await open(/点错了，想换成冰的/);
    await user.click(await detail().findByRole("button", { name: "改金额" }));
    await user.type(detail().getByRole("textbox", { name: "退款金额（元）" }), "1.50");
    const remark = detail().getByRole("textbox", { name: t("window.refunds.remark") });
    fireEvent.change(remark, { target: { value: "退".repeat(27) } });
    await detail().findByText(t("window.orders.refund.reason_long"));
    expect(await approve()).toHaveProperty("disabled", true);
    fireEvent.change(remark, { target: { value: "退".repeat(26) } });
    fireEvent.click(await approve());
    await waitFor(() => expect(fake.callsOf("refundApprove")[0]?.slice(3)).toEqual([150, "退".repeat(26), null]));
  });

  it("waits for somebody to look when the refund changes under their eyes", async () => {
    await show();
    await open(/点错了，想换成冰的/);
    await approve();
    fake.changeRefund("whole", { requestedFen: 600, amountFen: 600 });
    const shut = await detail().findByRole("button", { name: "同意退款 ¥6.00" });
    expect(shut).toHaveProperty("disabled", true);
    fireEvent.submit(shut.closest("form") as HTMLFormElement);
    fireEvent.click(detail().getByRole("button", { name: "看过了" }));
    expect(fake.callsOf("refundApprove")).toEqual([]);
    fireEvent.click(await approve());
    await detail().findByText("微信已受理");
  });

  it("goes on at once after a change that has nothing to do with it", async () => {
    await show();
    await open(/点错了，想换成冰的/);
    await approve();
    fake.changeRefund("whole", { deadlineAtMs: Date.now() + 60_000 });
    await detail().findByText(/^(刚刚|1 分钟后)$/);
    expect(await approve()).toHaveProperty("disabled", false);
  });

  it("about goods that come back moves no money", async () => {
    await show();
    await open(/收到的时候礼盒外面的袋子/);
    fireEvent.click(await detail().findByRole("button", { name: "同意退货" }));
    await detail().findByText("等顾客退货");
    expect(fake.callsOf("refundAgreeReturn")).toHaveLength(1);
    expect(fake.callsOf("refundApprove")).toEqual([]);
  });

  it("is not offered where the payment does not agree", async () => {
    await show();
    await open(/对不上/);
    await detail().findByRole("button", { name: "拒绝" });
    expect(detail().queryByRole("button", { name: /同意退款/ })).toBeNull();
    expect(detail().getByRole("alert").textContent).toContain("对不上");
  });
});

describe("the detail", () => {
  it("stays on the refund when it moves to another tab", async () => {
    await show({ payoutMs: 5_000 });
    await open(/点错了，想换成冰的/);
    const heading = (await detail().findByRole("heading", { level: 2 })).textContent;
    fireEvent.click(await approve());
    await detail().findByText("正在提交");
    await waitFor(() => expect(screen.queryByRole("row", { name: /点错了，想换成冰的/ })).toBeNull());
    expect(detail().getByRole("heading", { level: 2 }).textContent).toBe(heading);
  });

  it("shows what the customer did before, and until when to decide", async () => {
    await show();
    await open(/咖啡洒了一半/);
    await detail().findByText("共 23 单，退过 9 次，共退 ¥314.50");
    await open(/点错了，想换成冰的/);
    await detail().findByText("处理期限");
  });
});

it("the desk can be used by everybody", async () => {
  const { container } = await show();
  await open(/点错了，想换成冰的/);
  await approve();
  await expectAccessible(container);
});

it("a desk that cannot be read says why and is read again", async () => {
  fake = makeFake({ orders: 60, delayMs: 0 });
  setHost(fake.host);
  fake.failNext("refundDesk", { code: "database_unreadable", retry: "now" });
  await renderInConsole(<RefundsScreen />);
  fireEvent.click(await screen.findByRole("button", { name: "再试一次" }));
  await screen.findByRole("grid");
});

it("a group that holds more than is listed says so", async () => {
  await show({ refundsListed: 2 });
  await screen.findByText(t("window.refunds.only_newest", { count: 2 }));
});
