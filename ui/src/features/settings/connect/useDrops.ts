import { type RefObject, useEffect, useRef, useState } from "react";
import { toast } from "../../../components";
import { onDropped } from "../../../ipc/events";
import { t } from "../../../lib/texts";
import { type FileName, fieldOf } from "./form";

/**
 * Puts the paths of files that are dropped onto the window into the fields of the form. `onFields` hears first which
 * ones, so that it can show the fields.
 */
export function useDrops(form: RefObject<HTMLFormElement | null>, onFields: (fields: FileName[]) => void): void {
  const [dropped, setDropped] = useState<ReadonlyMap<FileName, string>>(new Map());
  const hear = useRef(onFields);
  useEffect(() => {
    hear.current = onFields;
  });
  useEffect(() => {
    const listening = onDropped(({ paths }) => {
      const fields = new Map<FileName, string>();
      for (const path of paths) {
        const field = fieldOf(path);
        if (field === null) {
          toast(t("window.connect.drop_unknown", { file: path.split(/[/\\]/).pop() ?? path }));
        } else {
          fields.set(field, path);
        }
      }
      if (fields.size > 0) {
        hear.current([...fields.keys()]);
        setDropped(fields);
      }
    });
    return () => listening.stop();
  }, []);
  // Only now are the fields there that the files belong into.
  useEffect(() => {
    for (const [name, path] of dropped) {
      const field = form.current?.elements.namedItem(name);
      if (field instanceof HTMLInputElement) {
        field.value = path;
      }
    }
  }, [form, dropped]);
}
