import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import { useRef } from "react";
import { expect, it, vi } from "vitest";
import { SearchField } from "./SearchField";

const told = vi.fn();
const left = vi.fn();

function Search({ value }: { value: string }) {
  const field = useRef<HTMLInputElement>(null);
  return (
    <>
      <SearchField ref={field} label="search" clearLabel="clear" value={value} onChange={told} onLeave={left} />
      <button type="button" onClick={() => field.current?.focus()}>
        begin
      </button>
    </>
  );
}

const box = () => screen.getByRole<HTMLInputElement>("searchbox");
const type = (value: string) => fireEvent.change(box(), { target: { value } });

it("tells what was typed once the hand rests, without blanks around it", async () => {
  render(<Search value="" />);
  type("04");
  type(" 0482 ");
  await waitFor(() => expect(told).toHaveBeenLastCalledWith("0482"));
  expect(told).not.toHaveBeenCalledWith("04");
});

it("follows a search that is changed from outside, and does not bring the old one back", async () => {
  told.mockClear();
  const { rerender } = render(<Search value="latte" />);
  type("latte x");
  rerender(<Search value="" />);
  expect(box().value).toBe("");
  rerender(<Search value="mocha" />);
  expect(box().value).toBe("mocha");
  type("mocha 2");
  await waitFor(() => expect(told).toHaveBeenCalledTimes(1));
  expect(told).toHaveBeenCalledWith("mocha 2");
});

it("is emptied by its button or Escape and stays at hand, then is left", async () => {
  render(<Search value="latte" />);
  fireEvent.click(screen.getByRole("button", { name: "clear" }));
  expect([box().value, document.activeElement]).toEqual(["", box()]);
  type("mocha");
  fireEvent.keyDown(box(), { key: "Escape" });
  expect([box().value, document.activeElement]).toEqual(["", box()]);
  fireEvent.keyDown(box(), { key: "Escape" });
  expect(document.activeElement).not.toBe(box());
  fireEvent.click(screen.getByRole("button", { name: "begin" }));
  expect(document.activeElement).toBe(box());
  fireEvent.keyDown(box(), { key: "ArrowDown" });
  expect(left).toHaveBeenCalledTimes(1);
});
