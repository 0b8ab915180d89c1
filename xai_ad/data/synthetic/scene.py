"""Light, shadow and camera: turns a `Surface` on its backdrop into an image."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, shift

from xai_ad.data.synthetic.surface import RENDER, SIDE, SUPERSAMPLING, Plane, Surface, grid, noise

SOFTBOX = ((-0.22, 0.3), (0.0, 0.4), (0.22, 0.3))
"""A broad lamp as three narrow ones: turn from its middle in radians, and share of its light."""


@dataclass(frozen=True, kw_only=True)
class Light:
    """The lamp of one shot."""

    azimuth: float
    """Where the lamp stands, radians clockwise from the right of the image."""
    elevation: float
    intensity: float
    warmth: float
    """Above 0 redder, below 0 bluer; a share of the channel's brightness."""

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Light":
        """A lamp on a stand: roughly upper left, never twice quite the same."""
        return cls(
            azimuth=np.deg2rad(-128.0 + np.clip(7.0 * rng.standard_normal(), -16.0, 16.0)),
            elevation=np.deg2rad(rng.uniform(50.0, 60.0)),
            intensity=1.0 + rng.uniform(-0.08, 0.08),
            warmth=0.03 * rng.standard_normal(),
        )

    def direction(self, turn: float = 0.0) -> tuple[float, float, float]:
        """Unit vector to the lamp, turned about the vertical."""
        flat = np.cos(self.elevation)
        azimuth = self.azimuth + turn
        return float(flat * np.cos(azimuth)), float(flat * np.sin(azimuth)), float(np.sin(self.elevation))

    def colour(self) -> Plane:
        """Linear RGB of the lamp."""
        warm = np.array([1.0 + self.warmth, 1.0, 1.0 - 1.3 * self.warmth], dtype=np.float32)
        return self.intensity * warm


def highlight(surface: Surface, lamp: tuple[float, float, float]) -> Plane:
    """Ward's anisotropic lobe: exp(-(h_t^2 / a_t^2 + h_b^2 / a_b^2) / h_n^2), seen from straight above."""
    length = np.sqrt(2.0 + 2.0 * lamp[2])
    half_x, half_y, half_z = lamp[0] / length, lamp[1] / length, (lamp[2] + 1.0) / length
    norm = 1.0 / np.sqrt(1.0 + surface.slope_x**2 + surface.slope_y**2)
    along = half_x * surface.groove_x + half_y * surface.groove_y
    climb = surface.slope_x * surface.groove_x + surface.slope_y * surface.groove_y
    along = (along + climb * half_z) / np.sqrt(1.0 + climb**2)
    upright = np.maximum((half_z - half_x * surface.slope_x - half_y * surface.slope_y) * norm, 0.05)
    across_squared = np.maximum(1.0 - along**2 - upright**2, 0.0)
    lobe = (along / surface.roughness_along) ** 2 + across_squared / surface.roughness_across**2
    return np.asarray(np.exp(-lobe / upright**2), dtype=np.float32)


def shade(surface: Surface, light: Light) -> Plane:
    """Linear RGB that the part sends to the camera, `(RENDER, RENDER, 3)`."""
    norm = 1.0 / np.sqrt(1.0 + surface.slope_x**2 + surface.slope_y**2)
    lamp = light.direction()
    facing = np.maximum((lamp[2] - lamp[0] * surface.slope_x - lamp[1] * surface.slope_y) * norm, 0.0)
    lobe = sum(
        (share * highlight(surface, light.direction(turn)) for turn, share in SOFTBOX), np.float32(0.0)
    )
    # The room: bright ceiling, dark horizon, a little brighter on the lamp's side.
    mirror_x, mirror_y = -2.0 * surface.slope_x * norm**2, -2.0 * surface.slope_y * norm**2
    room = 0.30 * (2.0 * norm**2 - 1.0).clip(0.12, 1.0) + 0.10 * (mirror_x * lamp[0] + mirror_y * lamp[1])
    reflected = surface.specular * (room + 1.50 * lobe)[..., None]
    return np.asarray((surface.diffuse * facing[..., None] + reflected) * light.colour(), dtype=np.float32)


@dataclass(frozen=True, kw_only=True, eq=False)
class Backdrop:
    """A matte fixture plate with a shallow round nest turned into it."""

    paint: Plane  # (RENDER, RENDER, 3)
    texture: Plane
    nest_radius: float = 110.0

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Backdrop":
        """The same plate every time, with wear that shifts under the part."""
        tint = np.array([0.088, 0.099, 0.112], dtype=np.float32) * (1.0 + 0.02 * rng.standard_normal())
        fine, broad = noise(rng, (RENDER, RENDER), (1.6, 1.6)), noise(rng, (RENDER // 8,) * 2, (7.0, 7.0))
        wear = np.kron(broad, np.ones((8, 8), dtype=np.float32))
        wear = gaussian_filter(wear, 6.0)
        texture = 1.0 + 0.045 * fine + 0.025 * wear
        return cls(paint=np.broadcast_to(tint, (RENDER, RENDER, 3)), texture=texture.astype(np.float32))

    def lit(self, coverage: Plane, light: Light) -> Plane:
        """Linear RGB of the plate under the lamp, with the shadow of whatever covers it."""
        x, y = grid()
        lamp_x, lamp_y, lamp_z = light.direction()
        fall = 1.0 + 0.16 * ((x - SIDE / 2) * lamp_x + (y - SIDE / 2) * lamp_y) / (SIDE / 2)
        radius = np.hypot(x - SIDE / 2, y - SIDE / 2)
        toward = ((x - SIDE / 2) * lamp_x + (y - SIDE / 2) * lamp_y) / np.maximum(radius, 1.0)
        edge = np.exp(-(((radius - self.nest_radius) / 1.3) ** 2))
        floor = np.where(radius < self.nest_radius, 0.94, 1.0)
        reach = 6.0 * SUPERSAMPLING / lamp_z
        thrown = shift(coverage, (-lamp_y * reach, -lamp_x * reach), order=1, mode="nearest")
        cast = gaussian_filter(thrown, 1.8 * SUPERSAMPLING)
        contact = gaussian_filter(coverage, 4.5 * SUPERSAMPLING)
        shadow = (1.0 - 0.62 * cast) * (1.0 - 0.40 * contact)
        level = self.texture * fall * floor * shadow * (1.0 - 0.5 * toward * edge)
        return np.asarray(self.paint * level[..., None] * 1.15 * light.colour(), dtype=np.float32)


@dataclass(frozen=True, kw_only=True, eq=False)
class Camera:
    """Lens and sensor of one shot; two shots with one camera share the same noise."""

    softness: float
    grain: Plane  # (SIDE, SIDE, 3)

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Camera":
        """A fixed lens whose focus drifts a little."""
        luminance, chroma = (
            noise(rng, (SIDE, SIDE, 1), (0.5, 0.5, 0.0)),
            noise(rng, (SIDE, SIDE, 3), (0.9, 0.9, 0)),
        )
        return cls(softness=rng.uniform(0.5, 0.75), grain=luminance + 0.35 * chroma)

    def expose(self, linear: Plane) -> NDArray[np.uint8]:
        """Image `(SIDE, SIDE, 3)` in sRGB of linear light of the same shape."""
        # Cut the lens's blur at two pixels, so that a change never reaches further.
        soft = gaussian_filter(linear, (self.softness, self.softness, 0.0), radius=(2, 2, 0))
        offset = (np.arange(SIDE, dtype=np.float32) + 0.5) / SIDE - 0.5
        soft = soft * (1.0 - 0.32 * (offset[:, None, None] ** 2 + offset[None, :, None] ** 2))
        noisy = soft + self.grain * np.sqrt(2.0e-5 * np.maximum(soft, 0.0) + 4e-7)
        knee = np.where(noisy > 0.6, 0.6 + 0.4 * (1.0 - np.exp(-(noisy - 0.6) / 0.4)), noisy).clip(0.0, 1.0)
        encoded = np.where(
            knee <= 0.0031308, 12.92 * knee, 1.055 * np.maximum(knee, 1e-9) ** (1 / 2.4) - 0.055
        )
        return np.asarray(np.rint(255.0 * encoded), dtype=np.uint8)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Everything around the part in one shot."""

    light: Light
    backdrop: Backdrop
    camera: Camera

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Scene":
        """One shot of a series taken at the same station."""
        return cls(light=Light.draw(rng), backdrop=Backdrop.draw(rng), camera=Camera.draw(rng))

    def radiance(self, surface: Surface) -> Plane:
        """Linear RGB that reaches the lens, averaged to pixels: `(SIDE, SIDE, 3)`."""
        cover = surface.coverage[..., None]
        fine = cover * shade(surface, self.light) + (1.0 - cover) * self.backdrop.lit(
            surface.coverage, self.light
        )
        blocks = fine.reshape(SIDE, SUPERSAMPLING, SIDE, SUPERSAMPLING, 3)
        return np.asarray(blocks.mean(axis=(1, 3)), dtype=np.float32)
