import { useEffect, useRef, useState, type PointerEvent, type RefObject } from 'react';
import { placeOf, xOf, type Scale } from './lane-paths.ts';
import type { TimelineLayout } from './timeline-layout.ts';
import { panned, zoomed, type Extent, type Viewport } from './viewport.ts';

interface GestureOptions {
  readonly svg: RefObject<SVGSVGElement | null>;
  readonly layout: TimelineLayout;
  readonly scale: Scale;
  readonly extent: Extent;
  readonly viewport: Viewport;
  /** Place of the playhead. */
  readonly playhead: number | null;
  readonly onViewport: (viewport: Viewport) => void;
  readonly onPlace: (place: number) => void;
  /** The place under a pointer that is not pressed; null when it has left. */
  readonly onPoint: (place: number | null) => void;
}

export interface Gestures {
  /** The place under the pointer; null while there is none. */
  readonly pointed: number | null;
  readonly handlers: {
    readonly onPointerDown: (event: PointerEvent<SVGSVGElement>) => void;
    readonly onPointerMove: (event: PointerEvent<SVGSVGElement>) => void;
    readonly onPointerUp: (event: PointerEvent<SVGSVGElement>) => void;
    readonly onPointerCancel: (event: PointerEvent<SVGSVGElement>) => void;
    readonly onPointerLeave: () => void;
  };
}

type Mode = 'idle' | 'pressed' | 'pan' | 'scrub' | 'overview' | 'pinch';

interface Press {
  mode: Mode;
  /** Pixels, by pointer. */
  readonly pointers: Map<number, number>;
  lastX: number;
  spread: number;
}

/** Pixels that a press may move and still be a click. */
const CLICK_PX = 4;
const GRIP_PX = 7;
const WHEEL_ZOOM = 0.002;

/**
 * A click chooses a place. Dragging the axis or the playhead scrubs, dragging the lanes of a part pans it and scrubs
 * where all is shown; two fingers, or the wheel with Ctrl, zoom; the wheel with Shift, or sideways, pans.
 */
export function useTimelineGestures(options: GestureOptions): Gestures {
  const { svg, layout, scale, extent, viewport, playhead, onViewport, onPlace, onPoint } = options;
  const [pointed, setPointed] = useState<number | null>(null);
  const point = (place: number | null): void => {
    setPointed(place);
    onPoint(place);
  };
  const press = useRef<Press>({ mode: 'idle', pointers: new Map(), lastX: 0, spread: 0 });
  const perPixel = (scale.range.to - scale.range.from) / scale.width;
  const placeAt = (x: number): number => placeOf(scale, x);

  const pointOf = (event: { readonly clientX: number; readonly clientY: number }): { x: number; y: number } => {
    const box = svg.current?.getBoundingClientRect();
    return { x: event.clientX - (box?.left ?? 0), y: event.clientY - (box?.top ?? 0) };
  };
  const centreAt = (x: number): void => {
    const place = placeOf({ ...scale, range: { from: 0, to: extent.full } }, x);
    onViewport(panned(viewport, extent, place - (scale.range.from + scale.range.to) / 2));
  };
  const modeAt = (x: number, y: number): Mode => {
    if (y >= layout.overview.top) return 'overview';
    const isOnPlayhead = playhead !== null && Math.abs(xOf(scale, playhead) - x) <= GRIP_PX;
    return isOnPlayhead || y >= layout.axis.top || viewport.span === null ? 'scrub' : 'pressed';
  };

  const onPointerDown = (event: PointerEvent<SVGSVGElement>): void => {
    if (event.button !== 0) return;
    const { x, y } = pointOf(event);
    const now = press.current;
    event.currentTarget.setPointerCapture(event.pointerId);
    now.pointers.set(event.pointerId, x);
    now.lastX = x;
    if (now.pointers.size > 1) {
      now.mode = 'pinch';
      now.spread = spreadOf(now.pointers);
      return;
    }
    point(null);
    now.mode = modeAt(x, y);
    if (now.mode === 'scrub') onPlace(placeAt(x));
    if (now.mode === 'overview') centreAt(x);
  };

  const onPointerMove = (event: PointerEvent<SVGSVGElement>): void => {
    const { x, y } = pointOf(event);
    const now = press.current;
    if (now.pointers.has(event.pointerId)) now.pointers.set(event.pointerId, x);
    if (now.mode === 'pressed' && Math.abs(x - now.lastX) > CLICK_PX) now.mode = 'pan';
    switch (now.mode) {
      case 'idle':
        point(x >= scale.left && y < layout.overview.top ? placeAt(x) : null);
        return;
      case 'pan':
        onViewport(panned(viewport, extent, (now.lastX - x) * perPixel));
        now.lastX = x;
        return;
      case 'scrub':
        onPlace(placeAt(x));
        return;
      case 'overview':
        centreAt(x);
        return;
      case 'pinch': {
        const spread = spreadOf(now.pointers);
        if (spread > 0 && now.spread > 0) onViewport(zoomed(viewport, extent, now.spread / spread, placeAt(x)));
        now.spread = spread;
        return;
      }
      case 'pressed':
        return;
      default:
        now.mode satisfies never;
    }
  };

  const release = (event: PointerEvent<SVGSVGElement>): void => {
    press.current.pointers.delete(event.pointerId);
    if (press.current.pointers.size === 0) press.current.mode = 'idle';
  };

  useEffect(() => {
    const element = svg.current;
    const onWheel = (event: WheelEvent): void => {
      const sideways = event.shiftKey ? event.deltaY + event.deltaX : event.deltaX;
      if (event.ctrlKey) {
        const place = placeAt(event.clientX - (element?.getBoundingClientRect().left ?? 0));
        onViewport(zoomed(viewport, extent, Math.exp(event.deltaY * WHEEL_ZOOM), place));
      } else if (viewport.span !== null && (event.shiftKey || Math.abs(sideways) > Math.abs(event.deltaY))) {
        onViewport(panned(viewport, extent, sideways * perPixel));
      } else {
        return;
      }
      event.preventDefault();
    };
    // React listens passively, and the page would zoom and scroll too.
    element?.addEventListener('wheel', onWheel, { passive: false });
    return () => element?.removeEventListener('wheel', onWheel);
  });

  return {
    pointed,
    handlers: {
      onPointerDown,
      onPointerMove,
      onPointerUp: (event) => {
        if (press.current.mode === 'pressed') onPlace(placeAt(pointOf(event).x));
        release(event);
      },
      onPointerCancel: release,
      onPointerLeave: () => point(null),
    },
  };
}

function spreadOf(pointers: ReadonlyMap<number, number>): number {
  const xs = [...pointers.values()];
  return Math.max(...xs) - Math.min(...xs);
}
